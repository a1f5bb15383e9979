"""ModelSuite: random sequences of operations, on a provider and on a dictionary, must agree.

class TestMineAgainstTheModel(ModelSuite):
    def provider(self, folder):
        return Mine(folder)
"""

from __future__ import annotations

import pathlib
import tempfile
from collections.abc import Awaitable

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from vfs.drive import drive
from vfs.errors import (
    BadName,
    Exists,
    IsADirectory,
    NotADirectory,
    NotEmpty,
    NotFound,
    VfsError,
)
from vfs.path import Path
from vfs.provider import Cap
from vfs.testing.ground import APPEND, CREATE, REPLACE, Ground, Suite

FOLDERS = ("", "d1", "d1/d2", "d 3")
STEMS = ("a", "c d", "-$é", "*")

ABILITIES = {"move": Cap.MOVE, "copy": Cap.COPY}
"""What a step needs besides writing and editing."""

Step = tuple[str, int, int, str]
"""What is done, to which two places, with which text."""

STEPS = st.lists(
    st.tuples(
        st.sampled_from(("write", "create", "append", "mkdir", "remove", "clear", "move", "copy")),
        st.integers(0, 31),
        st.integers(0, 31),
        st.text("xyz\n", max_size=5),
    ),
    max_size=25,
)


class Model:
    """The same operations on a dictionary: None for a folder, bytes for a file."""

    def __init__(self, suite: Suite) -> None:
        self.suite = suite
        self.entries: dict[Path, bytes | None] = {Path(): None}

    def _place(self, path: Path) -> None:
        """Raises what keeps `path` from being made."""
        for length in range(len(path.parts)):
            above = Path(path.parts[:length])
            if above not in self.entries:
                raise NotFound
            if self.entries[above] is not None:
                raise NotADirectory

    def _there(self, path: Path) -> bytes | None:
        self._place(path)
        if path not in self.entries:
            raise NotFound
        return self.entries[path]

    def write(self, path: Path, data: bytes, mode: str) -> None:
        self._place(path)
        if path in self.entries and self.entries[path] is None:
            raise IsADirectory
        old = self.entries.get(path)
        if old is not None and mode == "create":
            raise Exists
        self.entries[path] = (old or b"") + data if mode == "append" else data

    def mkdir(self, path: Path) -> None:
        self._place(path)
        if path in self.entries:
            raise Exists
        self.entries[path] = None

    def remove(self, path: Path, recursive: bool) -> None:
        self._there(path)
        below = [other for other in self.entries if other != path and other.is_under(path)]
        if below and not recursive:
            raise NotEmpty
        for other in (path, *below):
            del self.entries[other]

    def move(self, source: Path, target: Path) -> None:
        moving = self._there(source)
        self._place(target)
        if source == target:
            return
        if target.is_under(source):
            raise BadName
        there = self.entries.get(target, b"")
        if target in self.entries and (there is None) != (moving is None):
            raise IsADirectory if there is None else NotADirectory
        if there is None and any(other != target and other.is_under(target) for other in self.entries):
            raise NotEmpty
        for other in [other for other in self.entries if other.is_under(source)]:
            self.entries[target.join(other.below(source))] = self.entries.pop(other)

    def copy(self, source: Path, target: Path) -> None:
        data = self._there(source)
        if data is None:
            raise IsADirectory
        self.write(target, data, "replace")


class ModelSuite(Suite):
    """Subclass it as `ProviderSuite`. The provider must be able to read, write and edit."""

    @given(STEPS)
    @settings(max_examples=60, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    def test_any_sequence_of_operations_does_what_the_model_does(self, steps: list[Step]) -> None:
        with tempfile.TemporaryDirectory() as folder:
            ground = Ground(self.provider(pathlib.Path(folder)), self)
            drive(self._compare(ground, steps))

    async def _compare(self, ground: Ground, steps: list[Step]) -> None:
        model = Model(self)
        try:
            await ground.prepare()
            for step in steps:
                if not ABILITIES.get(step[0], Cap.EDIT) & ground.caps:
                    continue
                expected = await _outcome(_in_model(model, step))
                got = await _outcome(_in_provider(ground, step))
                assert (got is None) == (expected is None), (step, got, expected)
                # several things may be wrong with a move at once, and any of them is an answer
                assert got is expected or step[0] == "move", (step, got, expected)
            entries = {path.below(ground.base): node for path, node in await ground.below(ground.base)}
            assert sorted(entries) == sorted(path for path in model.entries if path.parts)
            for path, node in entries.items():
                data = None if node.is_folder else await ground.read(ground.base.join(path))
                assert data == model.entries[path]
        finally:
            await ground.provider.aclose()


def _path(suite: Suite, at: int) -> Path:
    """A folder's path, or a file's in one of the folders."""
    if at < len(FOLDERS) and at:
        return Path.parse(FOLDERS[at])
    folder = Path.parse(FOLDERS[at // 4 % len(FOLDERS)])
    return folder.child(suite.named(STEMS[at % len(STEMS)]))


async def _outcome(work: Awaitable[None]) -> type[VfsError] | None:
    """The class of the failure, or None."""
    try:
        await work
    except VfsError as error:
        return type(error)
    return None


async def _in_model(model: Model, step: Step) -> None:
    deed, one, two, text = step
    path, other = _path(model.suite, one), _path(model.suite, two)
    if deed in ("write", "create", "append"):
        model.write(path, model.suite.filled(text), deed)
    elif deed == "mkdir":
        model.mkdir(path)
    elif deed in ("remove", "clear"):
        model.remove(path, deed == "clear")
    elif deed == "move":
        model.move(path, other)
    elif path != other:
        model.copy(path, other)


async def _in_provider(ground: Ground, step: Step) -> None:
    deed, one, two, text = step
    path = ground.base.join(_path(ground.suite, one))
    other = ground.base.join(_path(ground.suite, two))
    if deed in ("write", "create", "append"):
        await ground.put(path, text, mode={"write": REPLACE, "create": CREATE, "append": APPEND}[deed])
    elif deed == "mkdir":
        await ground.mkdir(path)
    elif deed in ("remove", "clear"):
        await ground.provider.remove(path, ground.change, recursive=deed == "clear")
    elif deed == "move":
        await ground.provider.move(path, other, ground.change)
    elif path != other:
        await ground.provider.copy(path, other, ground.change)
