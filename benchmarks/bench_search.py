"""Search over 100,000 documents of about 2 KB: by a process of its own, and in a session."""

from __future__ import annotations

import subprocess

from benchmarks.bench import PROGRAMS, Bench
from benchmarks.installed import clean_environment
from benchmarks.measure import Ratio, compare, report


def cold(bench: Bench) -> None:
    """CPU of `spatio search WORD` beside that of `spatio ls /notes` of 1,000 notes."""
    home, small = bench.workspace(100_000, 330), bench.workspace(1000, 300)
    listing = bench.run(small, "ls", "/notes")
    for word in ("rareword", "commonword"):
        ratio = compare(bench.run(home, "search", word), listing, pairs=15)
        report(f"search {word} (100,000), cpu, cold, beside ls", ratio, 1.5)


def warm(bench: Bench) -> None:
    """CPU medians in one process of a whole `search` beside the bare FTS5 query of the ten best."""
    home = bench.workspace(100_000, 330)
    argv = [bench.python, str(PROGRAMS / "search_warm.py"), str(home), bench.database(home)]
    done = subprocess.run(argv, check=True, stdout=subprocess.PIPE, text=True, env=clean_environment(home))
    for line in done.stdout.splitlines():
        word, share, ours, bare, bounded = line.split("\t")
        ratio = Ratio(float(ours), float(bare), float(ours) / (2 * float(bare) + 0.003), 0)
        name = f"search {word} (in {float(share):.2%}{', bounded' if bounded == '1' else ''}), warm, cpu"
        report(f"{name}, of 2x bare FTS5 + 3 ms", ratio, 1)
