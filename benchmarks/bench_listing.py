"""Listings of a million notes."""

from __future__ import annotations

import os
import pathlib
import subprocess
import time

from benchmarks.bench import Bench
from benchmarks.installed import clean_environment
from benchmarks.measure import Run, compare, report


def million(bench: Bench) -> None:
    """The first line of `ls`, and the memory of all of it, beside 1,000."""
    big, small = bench.workspace(1_000_000, 0), bench.workspace(1000, 300)
    argv = [bench.spatio, "ls", "/notes"]
    ratio = compare(
        lambda: _until_first_byte(argv, big), lambda: _until_first_byte(argv, small), pairs=11, wall=True
    )
    report("ls of 1,000,000, wall to the first line, beside 1,000", ratio, 1.1)
    whole, fewer = bench.run(big, "ls", "/notes")(), bench.run(small, "ls", "/notes")()
    mark = "ok  " if whole.peak_mb <= fewer.peak_mb + 8 else "MISS"
    print(
        f"{mark} ls of 1,000,000: peak {whole.peak_mb:.0f} MB, of 1,000: {fewer.peak_mb:.0f} MB (goal +8 MB)"
    )


def first_line(bench: Bench) -> None:
    """`ls /notes | head -1` of a million notes beside a whole `ls` of ten."""
    big, ten = bench.workspace(1_000_000, 0), bench.workspace(10, 300)
    ours = bench.run(big, "-c", "ls /notes | head -1")
    for name, wall in (("cpu", False), ("wall", True)):
        ratio = compare(ours, bench.run(ten, "ls", "/notes"), pairs=15, wall=wall)
        report(f"ls | head -1 of 1,000,000, {name}, beside ls of ten", ratio, 1.3)


def _until_first_byte(argv: list[str], home: pathlib.Path) -> Run:
    started = time.perf_counter()
    process = subprocess.Popen(argv, stdout=subprocess.PIPE, env=clean_environment(home))
    assert process.stdout is not None
    os.read(process.stdout.fileno(), 1)
    taken = time.perf_counter() - started
    process.stdout.close()
    process.wait()
    return Run(taken, 0, 0)
