"""Medians of whole processes, two commands in turn, the ratio taken pair by pair.

CPU is user plus system time of the process and its waited-for children, as the kernel counts it.
Machines are shared and drift: quote ratios, never milliseconds.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple


class Run(NamedTuple):
    """One finished process."""

    wall: float
    cpu: float
    peak_mb: float


class Ratio(NamedTuple):
    """A against B: medians of each, and of the ratio of each pair."""

    a: float
    b: float
    ratio: float
    peak_mb: float
    """The largest resident size of A."""

    def __str__(self) -> str:
        beside = f"{self.a * 1000:.1f} ms beside {self.b * 1000:.1f} ms"
        peak = f"; peak {self.peak_mb:.0f} MB" if self.peak_mb else ""
        return f"{self.ratio:6.2f}x  ({beside}{peak})"


def run(argv: Sequence[str], *, env: Mapping[str, str] | None = None, cwd: str | None = None) -> Run:
    """Runs a command with its output thrown away. Raises CalledProcessError when it fails."""
    started = time.perf_counter()
    process = subprocess.Popen(
        argv, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=env, cwd=cwd
    )
    assert process.stderr is not None
    errors = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    process.stderr.close()
    if process.returncode != 0:
        raise subprocess.CalledProcessError(process.returncode, list(argv), stderr=errors)
    return Run(time.perf_counter() - started, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def compare(
    a: Callable[[], Run], b: Callable[[], Run], *, pairs: int = 7, warmups: int = 1, wall: bool = False
) -> Ratio:
    """Runs `a` and `b` in turn and compares CPU (or wall) time."""
    for _ in range(warmups):
        a()
        b()
    firsts, seconds, peaks = [], [], []
    for _ in range(pairs):
        first, second = a(), b()
        firsts.append(first.wall if wall else first.cpu)
        seconds.append(second.wall if wall else second.cpu)
        peaks.append(first.peak_mb)
    return Ratio(
        statistics.median(firsts),
        statistics.median(seconds),
        statistics.median([x / y for x, y in zip(firsts, seconds, strict=True)]),
        max(peaks),
    )


def report(name: str, ratio: Ratio, goal: float | None) -> None:
    """One line: what, measured, goal; without a goal it only informs."""
    mark = "    " if goal is None else "ok  " if ratio.ratio <= goal else "MISS"
    end = "" if goal is None else f"  goal {goal:g}x"
    print(f"{mark} {name:<64} {ratio}{end}", flush=True)
