"""`grep -r WORD /notes` over 10,000 notes of about 2 KB."""

from __future__ import annotations

import os
import statistics
import subprocess

from benchmarks.bench import PROGRAMS, Bench
from benchmarks.measure import Ratio, compare, report


def beside_gnu(bench: Bench) -> None:
    """CPU beyond start-up (`spatio true`), beside GNU grep on the same files on disk."""
    home, folder = bench.workspace(10_000, 330), bench.folder(10_000, 330)
    for word in ("rareword", "commonword"):
        ours, base = bench.run(home, "grep", "-r", word, "/notes"), bench.run(home, "true")
        theirs = bench.shell(f"grep -r {word} {folder}")
        start_up = compare(base, base, pairs=7).a
        ratio = compare(ours, theirs, pairs=11)
        beyond = ratio._replace(a=ratio.a - start_up, ratio=(ratio.a - start_up) / ratio.b)
        report(f"grep -r {word}, cpu beyond start-up, beside GNU", beyond, 3)


def beside_mirage(bench: Bench) -> None:
    """CPU in a session that runs already, beside the same in mirage-ai's RAM mount, warm.

    MIRAGE_PYTHON names an interpreter that has mirage-ai.
    """
    peer = os.environ.get("MIRAGE_PYTHON")
    if not peer:
        print("     not measured: MIRAGE_PYTHON names no interpreter that has mirage-ai")
        return
    home, folder = bench.workspace(10_000, 330), bench.folder(10_000, 330)
    for word in ("rareword", "commonword"):
        ours = bench.in_session(home, f"grep -r {word} /notes", 5)
        argv = [peer, str(PROGRAMS / "mirage_grep.py"), str(folder), word]
        done = subprocess.run(argv, check=True, capture_output=True, text=True)
        theirs = float(done.stdout.split()[0])
        taken = statistics.median(run.cpu for run in ours)
        ratio = Ratio(taken, theirs, taken / theirs, 0)
        report(f"grep -r {word}, cpu, beside mirage-ai ({theirs / taken:.0f}x faster)", ratio, 1 / 20)
