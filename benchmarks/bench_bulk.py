"""`cp -r` of 10,000 notes from a folder of the host into `/notes`."""

from __future__ import annotations

import os
import pathlib
import shutil
import subprocess
import tempfile

from benchmarks.bench import Bench
from benchmarks.installed import clean_environment
from benchmarks.measure import Run, compare, report


def bulk(bench: Bench) -> None:
    """Beside a bare script that reads the same files and writes the same rows to the same schema."""
    folder = bench.folder(10_000, 330)
    with tempfile.TemporaryDirectory(dir=bench.data) as scratch:
        place = pathlib.Path(scratch)
        empty = place / "empty"
        subprocess.run([bench.spatio, "ls", "/notes"], env=clean_environment(empty), check=True)
        bench.mount(empty, "/bench", folder.parent)

        def ours() -> Run:
            home = place / "home"
            shutil.rmtree(home, ignore_errors=True)
            shutil.copytree(empty, home)
            os.sync()
            return bench.run(home, "cp", "-r", f"/bench/{folder.name}", "/notes/copy")()

        def theirs() -> Run:
            for old in place.glob("bare.db*"):
                old.unlink()
            os.sync()
            return bench.program("bulk_bare.py", str(folder), str(place / "bare.db"))()

        for name, wall in (("wall", True), ("cpu", False)):
            report(f"cp -r of 10,000 notes, {name}, beside bare SQLite", compare(ours, theirs, wall=wall), 2)
