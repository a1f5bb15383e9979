"""What the doctor says of a workspace on a server: the database, the login, row security, the bucket."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from typing import TYPE_CHECKING, Any

from providers.s3.address import Location
from providers.store.schema import VERSION
from spatio.findings import Finding
from spatio.secrets import Vault
from spatio.storing import Chosen
from vfs.drive import drive
from vfs.errors import VfsError

if TYPE_CHECKING:
    from providers.store.postgres.examine import Examined

USABLE = ("encryption", "row security")
"""What may be bad while the store still answers."""

FAR_OFF = 5.0
"""Seconds by which two clocks may differ before times of changes look strange."""


def check_server(chosen: Chosen) -> Iterator[Finding]:
    """What the database's server says; the last finding is bad when the store cannot be used."""
    store: Any = chosen.connect()
    try:
        seen: Examined = drive(import_module("providers.store.postgres.examine").examine(store))
    except VfsError as error:
        yield Finding("bad", "server", str(error), error.hint or "")
        return
    finally:
        drive(store.aclose())
    yield Finding(
        "ok", "server", f"PostgreSQL {seen.version} at {store.name}, {seen.away * 1000:.1f} ms away"
    )
    yield from way_there(seen)
    tables = _schema(seen, chosen)
    yield tables
    if tables.state != "bad":
        yield from _login(seen)
        yield _guarded(seen)


def way_there(seen: Examined) -> Iterator[Finding]:
    """How one gets there."""
    if not seen.encrypted and not seen.near:
        step = "add ?sslmode=verify-full to the address"
        yield Finding("bad", "encryption", "what is sent there can be read on the way", step)
    if abs(seen.clock) > FAR_OFF:
        ahead = "ahead of" if seen.clock > 0 else "behind"
        text = f"the server's is {abs(seen.clock):.0f} s {ahead} this machine's"
        yield Finding("note", "clock", text, "set both by a time server: times of changes are this machine's")
    if seen.proxied:
        yield Finding("ok", "proxy", "a pooling proxy stands before the server")
    if seen.hears:
        step = "name the server itself: direct in [store]" if seen.proxied else "check the address in direct"
        yield Finding("note", "notices", f"changes of other devices are not told: {seen.hears}", step)
    else:
        yield Finding("ok", "notices", "changes of other devices are told")


def _login(seen: Examined) -> Iterator[Finding]:
    """Whom the program logs in as, what somebody who stole its password could do, what it finds there."""
    step = "log in as a user of its own: CREATE ROLE NAME LOGIN; GRANT spatio_person TO NAME; user = NAME"
    if seen.superuser or seen.bypasses:
        what = "an administrator" if seen.superuser else "above row security (BYPASSRLS)"
        text = f"{seen.login} is {what}: whoever has its password reads and changes everything"
        yield Finding("note", "login", text, step)
    elif seen.owner:
        text = f"{seen.login} owns the tables: it could turn row security and the log's protection off"
        yield Finding("note", "login", text, f"enough for one person alone; where several share: {step}")
    else:
        yield Finding("ok", "login", f"{seen.login}, which owns nothing")
    if seen.trigrams:
        yield Finding("ok", "extensions", "pg_trgm")
    else:
        step = "an administrator: CREATE EXTENSION pg_trgm WITH SCHEMA spatio"
        yield Finding("note", "extensions", "pg_trgm is missing: parts of words are found slowly", step)


def _guarded(seen: Examined) -> Finding:
    if seen.unguarded:
        names = ", ".join(seen.unguarded)
        step = "an administrator: ALTER TABLE spatio.NAME ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY"
        return Finding("bad", "row security", f"not in force on: {names}", step)
    return Finding("ok", "row security", "in force on every table")


def _schema(seen: Examined, chosen: Chosen) -> Finding:
    if seen.schema is None:
        step = f"spatio --store {chosen.address.name} init makes one, and finds out what this login lacks"
        return Finding("bad", "schema", "no workspace of Spatio that this login may use", step)
    if seen.schema > VERSION:
        text = f"{seen.schema}, of a newer Spatio; this one knows {VERSION}"
        return Finding("bad", "schema", text, "update Spatio")
    if seen.schema < VERSION:
        step = f"as the owner of the tables: spatio --store {chosen.address.name} init"
        return Finding("bad", "schema", f"{seen.schema}, which is older than {VERSION}", step)
    return Finding("ok", "schema", f"{seen.schema}, as this Spatio wants it")


def check_objects(chosen: Chosen) -> Iterator[Finding]:
    """Where large contents lie: reachable, and safe to share?"""
    if isinstance(chosen.objects, str):
        if chosen.address.engine == "postgresql":
            step = 'put them into a bucket: objects = "s3://BUCKET/PREFIX" in [store]'
            text = f"{chosen.objects} is on this machine: other devices do not see large files"
            yield Finding("note", "objects", text, step)
        return
    yield from _bucket(chosen.objects, chosen)


def _bucket(location: Location, chosen: Chosen) -> Iterator[Finding]:
    client = import_module("providers.s3.client").connect(location, Vault(chosen.where).read)

    async def probe() -> Any:
        try:
            return await client.probe(chosen.prefix)
        finally:
            await client.aclose()

    try:
        able = drive(probe())
    except VfsError as error:
        yield Finding("bad", "bucket", str(error), error.hint or "")
        return
    lacks = [
        what
        for there, what in ((able.create_only, "conditional puts"), (able.checksums, "checksums of uploads"))
        if not there
    ]
    if lacks:
        text = f"{location.name} can be used; it lacks {' and '.join(lacks)}"
        yield Finding(
            "note", "bucket", text, "two devices that write one object at once are told apart less well"
        )
    else:
        yield Finding("ok", "bucket", f"{location.name}, with conditional puts and checksums")
