"""One-shot commands and pipelines of the installed program, each beside its peer in the same run.

python benchmarks/bench_processes.py [NAME…]     start search pipeline grep million bulk
"""

from __future__ import annotations

import functools
import os
import pathlib
import shutil
import subprocess
import sys
from collections.abc import Callable

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from benchmarks.installed import CACHE, clean_environment, environment
from benchmarks.measure import Run, compare, report, run
from benchmarks.text import documents

FLOOR = """
import asyncio, sys, aiosqlite
async def main():
    async with aiosqlite.connect(sys.argv[1]) as db:
        query = "SELECT name FROM node WHERE mount = 'notes' AND parent = '/' AND deleted_at IS NULL ORDER BY name"
        async with db.execute(query) as rows:
            sys.stdout.write("".join([name + "\\n" for (name,) in await rows.fetchall()]))
asyncio.run(main())
"""


class Bench:
    """The installed program and the workspaces that the measurements share."""

    def __init__(self) -> None:
        self.bin = environment()
        self.python = str(self.bin / "python")
        self.spatio = str(self.bin / "spatio")
        self.data = CACHE / "data"
        self.data.mkdir(parents=True, exist_ok=True)

    def workspace(self, count: int, words: int) -> pathlib.Path:
        """A workspace with `count` notes of `words` words, made once for this version."""
        home = self.bin.parent.parent / f"notes-{count}-{words}"
        if not (home / "filled").exists():
            shutil.rmtree(home, ignore_errors=True)
            home.mkdir(parents=True)
            script = pathlib.Path(__file__).with_name("fill.py")
            argv = [self.python, str(script), str(home), str(count), str(words)]
            subprocess.run(argv, check=True, env=clean_environment(home))
            (home / "filled").touch()
        return home

    def database(self, home: pathlib.Path) -> str:
        (found,) = home.rglob("*.db")
        return str(found)

    def text(self, megabytes: int) -> str:
        """A text file of about that size on disk."""
        path = self.data / f"text-{megabytes}.txt"
        if not path.exists():
            block = "".join(documents(4000)).encode()
            with path.open("wb") as file:
                for _ in range(megabytes * 1_000_000 // len(block) + 1):
                    file.write(block)
        return str(path)

    def run(self, home: pathlib.Path, *words: str) -> Callable[[], Run]:
        return functools.partial(run, [self.spatio, *words], env=clean_environment(home))

    def shell(self, line: str) -> Callable[[], Run]:
        env = {**os.environ, "LC_ALL": "C"}
        return functools.partial(run, ["sh", "-c", line], env=env)


def start(bench: Bench) -> None:
    """`spatio ls /notes` beside a bare script that prints the same names through aiosqlite."""
    home = bench.workspace(1000, 300)
    floor = [bench.python, "-c", FLOOR, bench.database(home)]
    bare = functools.partial(run, floor, env=clean_environment(home))
    report(
        "ls /notes (1,000), cpu, beside bare aiosqlite",
        compare(bench.run(home, "ls", "/notes"), bare, pairs=15),
        1.4,
    )
    nothing = functools.partial(run, [bench.python, "-c", "pass"], env=clean_environment(home))
    report(
        "ls /notes (1,000), cpu, beside python -c pass",
        compare(bench.run(home, "ls", "/notes"), nothing, pairs=15),
        8,
    )


def search(bench: Bench) -> None:
    """A cold search over 100,000 documents beside `ls` of 1,000 notes."""
    home, small = bench.workspace(100_000, 330), bench.workspace(1000, 300)
    listing = bench.run(small, "ls", "/notes")
    report(
        "search rareword (100,000), cpu, beside ls",
        compare(bench.run(home, "search", "rareword"), listing, pairs=11),
        1.5,
    )
    report(
        "search commonword (100,000), cpu, beside ls",
        compare(bench.run(home, "search", "commonword"), listing),
        1.5,
    )


def pipeline(bench: Bench) -> None:
    """`cat big | grep rare | wc -l` beside coreutils, on a folder of the host."""
    home = bench.workspace(1000, 300)
    env = clean_environment(home)
    subprocess.run([bench.spatio, "umount", "/bench"], env=env, check=False, capture_output=True)
    mount = [bench.spatio, "mount", "/bench", "local", f"path={bench.data}"]
    for megabytes in (100, 1000):
        name = pathlib.Path(bench.text(megabytes)).name
        subprocess.run(mount, env=env, check=False, capture_output=True)
        for word in ("rareword", "commonword"):
            ours = bench.run(home, "-c", f"cat /bench/{name} | grep {word} | wc -l")
            theirs = bench.shell(f"cat {bench.data}/{name} | grep {word} | wc -l")
            ratio = compare(ours, theirs, pairs=5, wall=True)
            report(f"cat | grep {word} | wc -l, {megabytes} MB, wall, beside coreutils", ratio, 2.5)


def grep(bench: Bench) -> None:
    """`grep -r WORD /notes` over 10,000 notes, beyond start-up, beside GNU grep on the same files."""
    home = bench.workspace(10_000, 330)
    folder = bench.data / "notes-10000"
    if not folder.exists():
        folder.mkdir()
        for number, text in enumerate(documents(10_000, 330)):
            (folder / f"note-{number:07}.md").write_text(text)
    for word in ("rareword", "commonword"):
        ours, theirs = bench.run(home, "grep", "-r", word, "/notes"), bench.shell(f"grep -r {word} {folder}")
        base = bench.run(home, "true")
        start_up = compare(base, base, pairs=7).a
        ratio = compare(ours, theirs, pairs=7)
        beyond = ratio._replace(ratio=(ratio.a - start_up) / ratio.b)
        report(f"grep -r {word}, 10,000 notes, cpu beyond start-up", beyond, 3)


def million(bench: Bench) -> None:
    """Listings of a million entries: the first line, the memory."""
    big, small, ten = bench.workspace(1_000_000, 0), bench.workspace(1000, 300), bench.workspace(10, 300)
    env, tiny = clean_environment(big), clean_environment(ten)
    first = [bench.spatio, "-c", "ls /notes | head -1"]
    a = functools.partial(run, first, env=env)
    report(
        "ls /notes | head -1 (1,000,000), beside the same with ten",
        compare(a, functools.partial(run, first, env=tiny)),
        1.3,
    )
    report("  the same beside a whole ls of ten", compare(a, bench.run(ten, "ls", "/notes")), 1.3)
    whole = compare(bench.run(big, "ls", "/notes"), bench.run(small, "ls", "/notes"), pairs=3)
    fewer = bench.run(small, "ls", "/notes")().peak_mb
    print(f"     ls of 1,000,000: peak {whole.peak_mb:.0f} MB, of 1,000: {fewer:.0f} MB")


def main() -> None:
    known = {"start": start, "search": search, "pipeline": pipeline, "grep": grep, "million": million}
    wanted = sys.argv[1:] or list(known)
    bench = Bench()
    for name in wanted:
        known[name](bench)


if __name__ == "__main__":
    main()
