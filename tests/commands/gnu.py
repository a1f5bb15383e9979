"""The same lines in the tree and, by GNU's own tools, in a folder of this machine."""

from __future__ import annotations

import os
import pathlib
import shlex
import shutil
import subprocess
from collections.abc import Mapping
from datetime import timedelta

from tests.commands.desk import NOW, Desk, Ran
from vfs.drive import drive
from vfs.path import Path

FILES: Mapping[str, str] = {
    "f1": "alpha\nbeta\ngamma\n",
    "f2.txt": "one two\nthree",
    "empty": "",
    "d1/a": "in d1 a\n",
    "d1/b.txt": "b\n",
    "d1/s/z.txt": "deep\n",
    "d2/c": "c\n\n\n\nd\n",
    "sp ace": "spaced\ttab\x01\x7f\n",
    ".hid": "hidden\n",
    "[b]": "bracket\n",
    "B": "upper\n",
    "umlaut-é": "é\n",
}


class Twin:
    """A desk and a folder with the same files; every file one minute older than the one before."""

    def __init__(self, folder: pathlib.Path, files: Mapping[str, str] = FILES) -> None:
        self.folder = folder
        self.desk = Desk()
        for age, (name, text) in enumerate(files.items()):
            place = folder / name
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(text.encode())
            self.desk.write(f"/{name}", text)
            when = NOW - timedelta(minutes=age)
            os.utime(place, (when.timestamp(), when.timestamp()))
            drive(self.desk.tree.set_mtime(Path.parse(f"/{name}"), when))

    def gnu(self, line: str, given: bytes = b"") -> tuple[int, bytes]:
        """What GNU's tool does with the line: its status and what it prints."""
        env = {"PATH": os.environ["PATH"], "LC_ALL": "C", "TZ": "UTC"}
        done = subprocess.run(
            shlex.split(line), cwd=self.folder, env=env, input=given, capture_output=True, check=False
        )
        return done.returncode, done.stdout

    def ours(self, line: str, given: bytes = b"") -> Ran:
        return self.desk.run(line, given) if given else self.desk.run(line)

    def same(self, *lines: str, given: bytes = b"") -> None:
        """Runs the lines on both sides: the same output, the same status, the same files after all."""
        for line in lines:
            status, out = self.gnu(line, given)
            ran = self.ours(line, given)
            assert (ran.out.encode(), ran.status) == (out, status), (line, ran.err)
        assert self.entries() == self.real_entries()

    def entries(self) -> dict[str, bytes | None]:
        async def gathered() -> dict[str, bytes | None]:
            found: dict[str, bytes | None] = {}
            async for page in self.desk.tree.walk(Path()):
                for path, node in page:
                    found[str(path)[1:]] = None if node.is_folder else await self.desk.tree.read(path)
            return found

        return drive(gathered())

    def real_entries(self) -> dict[str, bytes | None]:
        return {
            str(place.relative_to(self.folder)): None if place.is_dir() else place.read_bytes()
            for place in self.folder.rglob("*")
        }


def has_gnu(*tools: str) -> bool:
    """Whether this machine has GNU's tools (coreutils, findutils, diffutils)."""
    for tool in tools:
        if shutil.which(tool) is None:
            return False
        done = subprocess.run([tool, "--version"], capture_output=True, check=False)
        if b"GNU" not in done.stdout:
            return False
    return True
