"""Search over 100,000 documents of about 2 KB: by a process of its own, in a session, and on PostgreSQL."""

from __future__ import annotations

import subprocess
import tempfile

from benchmarks.bench import PROGRAMS, Bench
from benchmarks.installed import ROOT, clean_environment
from benchmarks.measure import Ratio, compare, report
from tests.servers.postgres import Server


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


def postgres(bench: Bench) -> None:
    """Wall medians of a search in a PostgreSQL store beside the bare tsquery of the ten best by `ts_rank`."""
    with tempfile.TemporaryDirectory(dir=bench.data) as home:
        server = Server(shared_buffers="512MB")
        try:
            database = server.database(keep=True)
            addresses = [f"{address}?sslmode=disable" for address in (database.owner, database.admin)]
            argv = [bench.python, str(PROGRAMS / "search_postgres.py"), home, *addresses, "100000"]
            environment = {**clean_environment(bench.data), "PYTHONPATH": str(ROOT)}
            done = subprocess.run(argv, check=True, stdout=subprocess.PIPE, text=True, env=environment)
        finally:
            server.close()
    for line in done.stdout.splitlines():
        text, held, *times = line.split("\t")
        store, command, bare = map(float, times)
        for who, ours, goal in (("the store", store, 1), ("`search`", command, None)):
            ratio = Ratio(ours, bare, ours / (2 * bare + 0.003), 0)
            report(f"{text} (in {int(held):,}), {who}, of 2x bare tsquery + 3 ms", ratio, goal)
