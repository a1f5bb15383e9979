"""Runs measurements by name, each beside its peer, and marks those that miss their goal.

python benchmarks/run.py [NAME…]     all of them without a name; --list says which there are
"""

from __future__ import annotations

import pathlib
import sys
from importlib import import_module

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from benchmarks.bench import Bench

TABLE = {
    "start": "benchmarks.bench_start:start",
    "search-cold": "benchmarks.bench_search:cold",
    "search-warm": "benchmarks.bench_search:warm",
    "search-postgres": "benchmarks.bench_search:postgres",
    "pipeline": "benchmarks.bench_pipeline:processes",
    "pipeline-session": "benchmarks.bench_pipeline:in_session",
    "calendar": "benchmarks.bench_calendar:calendar",
    "grep": "benchmarks.bench_grep:beside_gnu",
    "grep-mirage": "benchmarks.bench_grep:beside_mirage",
    "million": "benchmarks.bench_listing:million",
    "first-line": "benchmarks.bench_listing:first_line",
    "bulk": "benchmarks.bench_bulk:bulk",
    "agent": "benchmarks.bench_agent:agent",
    "imap": "benchmarks.bench_imap:imap",
    "mail": "benchmarks.bench_mail:mail",
    "money": "benchmarks.bench_money:imports",
    "money-list": "benchmarks.bench_money:listings",
    "mirror": "benchmarks.bench_mirror:mirror",
    "plan": "benchmarks.bench_plan:plans",
    "postgres": "benchmarks.bench_postgres:operations",
    "postgres-distant": "benchmarks.bench_postgres:distant",
    "postgres-bulk": "benchmarks.bench_postgres:bulk",
    "postgres-listing": "benchmarks.bench_postgres:listing",
    "postgres-start": "benchmarks.bench_postgres:start",
    "http": "benchmarks.bench_http:many",
    "s3": "benchmarks.bench_s3:objects",
    "s3-client": "benchmarks.bench_s3:stub",
}


def main(names: list[str]) -> int:
    if names == ["--list"]:
        print("\n".join(TABLE))
        return 0
    unknown = [name for name in names if name not in TABLE]
    if unknown:
        print(f"no measurement is called {', '.join(unknown)}; there are: {', '.join(TABLE)}")
        return 2
    bench = Bench()
    for name in names or TABLE:
        module, _, function = TABLE[name].partition(":")
        print(f"{name}:", flush=True)
        getattr(import_module(module), function)(bench)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
