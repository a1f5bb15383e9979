"""Writes the rows of a statement in CSV with bare sqlite3, in one transaction, fsync FULL.

python money_bare.py CSV DATABASE "rows"|"rows and words"
"""

import csv
import sqlite3
import sys


def main(file: str, path: str, what: str) -> None:
    database = sqlite3.connect(path, isolation_level=None)
    database.execute("PRAGMA journal_mode=WAL")
    database.execute("PRAGMA synchronous=FULL")
    database.execute(
        "CREATE TABLE entry (number INTEGER PRIMARY KEY, id TEXT UNIQUE, date TEXT, amount TEXT,"
        " currency TEXT,"
        " account TEXT, payee TEXT, description TEXT, category TEXT, pending INTEGER, source TEXT)"
    )
    with open(file, encoding="utf-8", newline="") as source:
        rows = list(csv.reader(source))[1:]
    database.execute("BEGIN IMMEDIATE")
    database.executemany(
        "INSERT INTO entry VALUES (?, ?, ?, ?, ?, 'checking', ?, ?, '', 0, 'statement.csv')",
        [
            (number, f"csv-{number:016x}", day, amount, currency, payee, description)
            for number, (day, payee, description, amount, currency) in enumerate(rows)
        ],
    )
    if what != "rows":
        database.execute("CREATE VIRTUAL TABLE words USING fts5 (payee, description, content='')")
        database.executemany(
            "INSERT INTO words (rowid, payee, description) VALUES (?, ?, ?)",
            [(number, row[1], row[2]) for number, row in enumerate(rows)],
        )
    database.execute("COMMIT")
    database.close()


main(*sys.argv[1:4])
