"""`grep -r WORD /notes` over 10,000 notes of about 2 KB."""

from __future__ import annotations

import os
import statistics
import subprocess

from benchmarks.bench import PROGRAMS, Bench
from benchmarks.measure import Ratio, compare, report

WORDS = ("rareword", "commonword")


def beside_gnu(bench: Bench) -> None:
    """CPU beyond start-up (`spatio true`), beside GNU grep on the same files on disk."""
    home, folder = bench.workspace(10_000, 330), bench.folder(10_000, 330)
    for word in WORDS:
        base = bench.run(home, "true")
        start_up = compare(base, base, pairs=7).a
        ours, theirs = bench.run(home, "grep", "-r", word, "/notes"), bench.shell(f"grep -r {word} {folder}")
        ratio = compare(ours, theirs, pairs=11)
        beyond = ratio._replace(a=ratio.a - start_up, ratio=(ratio.a - start_up) / ratio.b)
        report(f"grep -r {word}, cpu beyond start-up, beside GNU", beyond, 3)


def beside_mirage(bench: Bench) -> None:
    """CPU beyond start-up, and in a session, beside a warm call in mirage-ai's RAM mount.

    MIRAGE_PYTHON names an interpreter that has mirage-ai.
    """
    peer = os.environ.get("MIRAGE_PYTHON")
    if not peer:
        print("     not measured: MIRAGE_PYTHON names no interpreter that has mirage-ai")
        return
    home, folder = bench.workspace(10_000, 330), bench.folder(10_000, 330)
    for word in WORDS:
        ours, base = bench.run(home, "grep", "-r", word, "/notes"), bench.run(home, "true")
        ratio = compare(ours, base, pairs=11)
        warm = statistics.median(run.cpu for run in bench.in_session(home, f"grep -r {word} /notes", 7))
        argv = [peer, str(PROGRAMS / "mirage_grep.py"), str(folder), word]
        done = subprocess.run(argv, check=True, capture_output=True, text=True)
        theirs = float(done.stdout.split()[0])
        for name, taken in (("cpu beyond start-up", ratio.a - ratio.b), ("cpu in a session", warm)):
            beside = Ratio(taken, theirs, taken / theirs, 0)
            report(f"grep -r {word}, {name}, beside mirage-ai ({theirs / taken:.0f}x faster)", beside, 1 / 20)
