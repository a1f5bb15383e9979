"""`cat BIG | grep WORD | wc -l` beside coreutils, on a folder of the host."""

from __future__ import annotations

import statistics

from benchmarks.bench import Bench
from benchmarks.measure import Ratio, compare, report

GOAL = 2.5
WORDS = ("rareword", "commonword")


def processes(bench: Bench) -> None:
    """Whole processes, start-up and all; the memory of 1 GB beside that of 100 MB."""
    home = bench.workspace(10, 300)
    bench.mount(home, "/bench", bench.data)
    for megabytes in (100, 1000):
        file = bench.text(megabytes)
        for word in WORDS:
            ours = bench.run(home, "-c", f"cat /bench/{file.name} | grep {word} | wc -l")
            theirs = bench.shell(f"cat {file} | grep {word} | wc -l")
            ratio = compare(ours, theirs, pairs=5, wall=True)
            report(f"cat | grep {word} | wc -l, {megabytes} MB, wall", ratio, GOAL)


def in_session(bench: Bench) -> None:
    """100 MB in a session that runs already, beside a whole `sh` with coreutils."""
    home = bench.workspace(10, 300)
    bench.mount(home, "/bench", bench.data)
    file = bench.text(100)
    for word in WORDS:
        theirs = bench.shell(f"cat {file} | grep {word} | wc -l")
        runs = bench.in_session(home, f"cat /bench/{file.name} | grep {word} | wc -l", 7)
        ours = [run.wall for run in runs]
        beside = [theirs().wall for _ in ours]
        ratio = Ratio(
            statistics.median(ours),
            statistics.median(beside),
            statistics.median(ours) / statistics.median(beside),
            0,
        )
        report(f"cat | grep {word} | wc -l, 100 MB, wall, in a session", ratio, GOAL)
