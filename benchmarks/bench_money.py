"""100,000 transactions of ten years imported from CSV, beside bare SQLite writing the same rows."""

from __future__ import annotations

import csv
import os
import pathlib
import random
import shutil
import subprocess
import tempfile
from datetime import date, timedelta

from benchmarks.bench import Bench
from benchmarks.installed import clean_environment
from benchmarks.measure import Run, compare, report

ROWS = 100_000
DAYS = 3650


def statement(path: pathlib.Path) -> pathlib.Path:
    """A statement of 400 payees, no two rows with the same description."""
    chance = random.Random(1)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["Date", "Payee", "Description", "Amount", "Currency"])
        for at in range(ROWS):
            day = date(2015, 1, 1) + timedelta(at * DAYS // ROWS)
            shop = chance.randrange(400)
            cents = chance.randint(-20_000, 1_000)
            writer.writerow(
                [
                    day.isoformat(),
                    f"Shop {shop} Helsinki",
                    f"Card payment {at % 5000:05} ref {chance.randrange(10**9, 10**10)}",
                    f"{cents / 100:.2f}",
                    "EUR",
                ]
            )
    return path


LISTED = 1.0
"""Seconds that a look at 100,000 transactions may take."""

LOOKS = (
    ("--search", "Shop 12 "),
    ("--search", "Kiosk"),
    ("--from", "2024-01-01"),
    ("--category", "food"),
    (),
)


def listings(bench: Bench) -> None:
    """`bank transactions` over all of them, filtered and not: best of seven, as a process from its start."""
    with tempfile.TemporaryDirectory(dir=bench.data) as scratch:
        place = pathlib.Path(scratch)
        home = place / "home"
        file = statement(place / "statement.csv")
        subprocess.run([bench.spatio, "ls", "/notes"], env=clean_environment(home), check=True)
        bench.mount(home, "/bench", place)
        bench.run(home, "bank", "import", f"/bench/{file.name}", "--account", "checking")()
        for words in LOOKS:
            runs = [bench.run(home, "bank", "transactions", *words)() for _ in range(7)]
            wall, cpu = min(one.wall for one in runs), min(one.cpu for one in runs)
            mark = "ok  " if wall <= LISTED else "MISS"
            what = " ".join(["bank transactions", *words])
            print(f"{mark} {what:<40} {wall:.2f} s, CPU {cpu:.2f} s, goal {LISTED:g} s", flush=True)


def imports(bench: Bench) -> None:
    """Both sides are a process from its start; the bare one writes rows with a key, or their words, too."""
    with tempfile.TemporaryDirectory(dir=bench.data) as scratch:
        place = pathlib.Path(scratch)
        file = statement(place / "statement.csv")
        empty = place / "empty"
        subprocess.run([bench.spatio, "ls", "/notes"], env=clean_environment(empty), check=True)
        bench.mount(empty, "/bench", place)

        def ours() -> Run:
            home = place / "home"
            shutil.rmtree(home, ignore_errors=True)
            shutil.copytree(empty, home)
            os.sync()
            return bench.run(home, "bank", "import", f"/bench/{file.name}", "--account", "checking")()

        for what in ("rows", "rows and words"):

            def theirs(what: str = what) -> Run:
                for old in place.glob("bare.db*"):
                    old.unlink()
                os.sync()
                return bench.program("money_bare.py", str(file), str(place / "bare.db"), what)()

            for name, wall in (("wall", True), ("cpu", False)):
                both = compare(ours, theirs, wall=wall, pairs=5)
                report(f"{ROWS:,} transactions imported, {name}, beside bare SQLite writing {what}", both, 2)
