"""Bench: the installed program, and the workspaces and files that the measurements share."""

from __future__ import annotations

import functools
import hashlib
import os
import pathlib
import shutil
import subprocess
from collections.abc import Callable

from benchmarks.installed import CACHE, ROOT, clean_environment, environment
from benchmarks.measure import Run, run
from benchmarks.text import documents

PROGRAMS = ROOT / "benchmarks" / "programs"

Measured = Callable[[], Run]
"""One run of one side of a comparison."""


class Bench:
    """Everything is made by its first use, and kept."""

    def __init__(self) -> None:
        self.bin = environment()
        self.python = str(self.bin / "python")
        self.spatio = str(self.bin / "spatio")
        self.data = CACHE / "data"
        self.data.mkdir(parents=True, exist_ok=True)

    def workspace(self, count: int, words: int) -> pathlib.Path:
        """A workspace with `count` notes of `words` words in it; measurements leave it as it is."""
        home = self.data / f"workspace-{count}-{words}-{_form()}"
        if not (home / "filled").exists():
            shutil.rmtree(home, ignore_errors=True)
            home.mkdir(parents=True)
            argv = [self.python, str(PROGRAMS / "fill.py"), str(home), str(count), str(words)]
            subprocess.run(argv, check=True, env=clean_environment(home))
            (home / "filled").touch()
        return home

    def database(self, home: pathlib.Path) -> str:
        """The workspace's SQLite file."""
        (found,) = (path for path in home.rglob("*.db") if "copies" not in path.parts)
        return str(found)

    def text(self, megabytes: int) -> pathlib.Path:
        """A text file of about that size on disk."""
        path = self.data / f"text-{megabytes}.txt"
        if not path.exists():
            block = "".join(documents(4000)).encode()
            with path.open("wb") as file:
                for _ in range(megabytes * 1_000_000 // len(block) + 1):
                    file.write(block)
        return path

    def folder(self, count: int, words: int) -> pathlib.Path:
        """The notes of `workspace(count, words)` as files on disk."""
        folder = self.data / f"notes-{count}-{words}"
        if not folder.exists():
            making = folder.with_suffix(".making")
            shutil.rmtree(making, ignore_errors=True)
            making.mkdir()
            for number, text in enumerate(documents(count, words)):
                (making / f"note-{number:07}.md").write_text(text)
            making.rename(folder)
        return folder

    def run(self, home: pathlib.Path, *words: str) -> Measured:
        """A run of the installed program on a workspace."""
        return functools.partial(run, [self.spatio, *words], env=clean_environment(home))

    def program(self, name: str, *words: str) -> Measured:
        """A run of one of the peers' programs by the same interpreter."""
        argv = [self.python, str(PROGRAMS / name), *words]
        return functools.partial(run, argv, env=clean_environment(self.data))

    def python_line(self, line: str) -> Measured:
        """A run of a line of Python by the same interpreter."""
        return functools.partial(run, [self.python, "-c", line], env=clean_environment(self.data))

    def in_session(self, home: pathlib.Path, line: str, count: int) -> list[Run]:
        """`count` runs of a line in one session."""
        argv = [self.python, str(PROGRAMS / "session.py"), str(home), line, str(count)]
        done = subprocess.run(
            argv, check=True, stdout=subprocess.PIPE, text=True, env=clean_environment(home)
        )
        return [Run(float(wall), float(cpu), 0) for wall, cpu in map(str.split, done.stdout.splitlines())]

    def mount(self, home: pathlib.Path, at: str, folder: pathlib.Path) -> None:
        """Mounts a folder of the host in a workspace, unless it is mounted."""
        mount = [self.spatio, "mount", at, "local", f"path={folder}"]
        subprocess.run(mount, env=clean_environment(home), check=False, capture_output=True)

    def shell(self, line: str) -> Measured:
        """A run of a line of `sh`, in the C locale."""
        return functools.partial(run, ["sh", "-c", line], env={**os.environ, "LC_ALL": "C"})


def _form() -> str:
    """What a workspace's database looks like: another version may find it as it needs it."""
    digest = hashlib.sha256()
    for name in ("schema", "words", "index", "log", "unit"):
        digest.update((ROOT / "providers" / "store" / f"{name}.py").read_bytes())
    return digest.hexdigest()[:8]
