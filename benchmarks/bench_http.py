"""Many items over HTTP: Spatio's client beside the bare library with the same bound."""

from __future__ import annotations

import functools
import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

from benchmarks.bench import PROGRAMS, Bench
from benchmarks.installed import clean_environment
from benchmarks.measure import Run, compare, report

ITEMS, WIDTH, MILLISECONDS = 100, 16, 30
WALL = 0.35
"""Seconds; seven rounds of 30 ms are 0.21."""


def many(bench: Bench) -> None:
    """100 items of 2 KB that take 30 ms each, 16 at once."""
    with _service(bench) as url:
        sides = [functools.partial(_fetched, bench, who, url) for who in ("ours", "bare")]
        name = f"{ITEMS} items of {MILLISECONDS} ms, {WIDTH} at once"
        for wall in (True, False):
            ratio = compare(sides[0], sides[1], pairs=9, wall=wall)
            report(f"{name}, {'wall' if wall else 'CPU'}, beside bare httpx", ratio, None)
            if wall:
                mark = "ok  " if ratio.a <= WALL else "MISS"
                print(f"{mark} {name}: {ratio.a:.3f} s, goal {WALL} s", flush=True)


def _fetched(bench: Bench, who: str, url: str) -> Run:
    argv = [bench.python, str(PROGRAMS / "http_many.py"), who, url, str(ITEMS), str(WIDTH)]
    done = subprocess.run(argv, check=True, env=clean_environment(bench.data), stdout=subprocess.PIPE)
    return Run(*json.loads(done.stdout))


@contextmanager
def _service(bench: Bench) -> Iterator[str]:
    argv = [bench.python, str(PROGRAMS / "http_slow.py"), str(MILLISECONDS)]
    process = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield f"http://127.0.0.1:{process.stdout.readline().strip()}"
    finally:
        process.communicate("")
