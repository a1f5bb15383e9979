"""`ls /notes` of 1,000 notes as a whole process."""

from __future__ import annotations

from benchmarks.bench import Bench
from benchmarks.measure import compare, report


def start(bench: Bench) -> None:
    """Beside a bare script that prints the same names through aiosqlite, and beside less."""
    home = bench.workspace(1000, 300)
    listing = bench.run(home, "ls", "/notes")
    database = bench.database(home)
    for name, peer, goal in (
        ("a bare aiosqlite script", bench.program("ls_aiosqlite.py", database), 1.4),
        ("a bare sqlite3 script", bench.program("ls_sqlite3.py", database), None),
        ("python -c pass", bench.python_line("pass"), None),
    ):
        report(f"ls of 1,000 notes, cpu, beside {name}", compare(listing, peer, pairs=15), goal)
