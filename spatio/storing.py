"""Storing: which store the option, the environment and the config name, and that store made.

The option goes before the environment, the environment before the config. What the config says beside its
`url` belongs to that database: for a run on another one it does not hold, so that no two databases
ever share objects (each would sweep away what only the other one names).
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Mapping
from contextlib import suppress
from importlib import import_module
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote

from spatio.addresses import StoreAddress, WrongAddress, objects_address, shown, store_address
from spatio.config import ConfigError, Mistake, StoreSetting
from spatio.paths import Places, write_private
from spatio.secrets import Secret, Vault
from vfs.errors import NotFound

if TYPE_CHECKING:
    from providers.s3.address import Location
    from providers.store.objects import ObjectStore
    from providers.store.store import Store, Waiting

URL, OBJECTS = "SPATIO_DATABASE_URL", "SPATIO_OBJECTS"
USER = "me"
"""Whose part of a database it is where nothing is said."""

LONGEST_USER = 200


class Chosen(NamedTuple):
    """A store that was chosen: everything it takes to open it. Nothing is opened by naming it."""

    where: Places
    address: StoreAddress
    objects: Location | str
    user: str = USER
    direct: str = ""
    shared: bool = False
    """The objects' place was named by somebody, and so may be another workspace's."""

    @property
    def founded_by_use(self) -> bool:
        """Whether it is the workspace's own database, which is made when it is missing."""
        return self.address.text == self.where.database

    def connect(self, waiting: Waiting | None = None) -> Store:
        """The store; asks nobody whether there is one."""
        store = self._connected(waiting)
        if self.shared:
            store.objects.claim = lambda: self._claim(store)
        return store

    async def _claim(self, store: Store) -> None:
        """Makes sure, once a device, that the objects are this workspace's. Raises Conflict, Unavailable."""
        place = store.objects.name
        seen = os.path.join(self.where.cache, "stores", f"{self.mark}-{digest(place)}")
        known = os.path.exists(seen)  # noqa: ASYNC240 (one stat of the own cache)
        if not known and await import_module("providers.store.claims").claim(store):
            _note(seen)

    def claim_for(self, store: Store, mark: str) -> None:
        """Before anything is written there, the objects' place is to be the workspace's of that mark.

        For a store that is about to receive a workspace, and so cannot say yet which one it is.
        """
        objects = store.objects

        async def claim() -> None:
            await import_module("providers.store.claims").claim_as(objects, mark)
            objects.claim = None

        if self.shared and mark:
            objects.claim = claim

    def _connected(self, waiting: Waiting | None) -> Store:
        address = self.address
        if address.engine == "sqlite":
            embedded: Store = import_module("providers.store.sqlite").SqliteStore(
                address.text, self.object_store(), self.user, waiting=waiting
            )
            return embedded
        password = password_of(address, os.environ, Vault(self.where))
        served: Store = import_module("providers.store.postgres.store").PostgresStore(
            address.text,
            self.object_store(),
            self.user,
            password=None if password is None else password.reveal(),
            direct=self.direct or None,
            waiting=waiting,
        )
        return served

    def look(self, store: Store) -> None:
        """Makes the workspace's own database when it is missing.

        Raises NotFound where another one holds no workspace, Unavailable.
        """
        self.need_file()
        if self.address.engine == "postgresql":
            self._ask(store)
        elif not os.path.exists(self.address.text):
            import_module("spatio.founding").found(self.address.text, self.object_store(), self.user)

    def need_file(self) -> None:
        """Raises NotFound where use does not make an embedded database and none is there. Opens nothing."""
        if self.address.engine == "postgresql" or self.founded_by_use or os.path.exists(self.address.text):
            return
        hint = f"look at the address again; or, to make one: spatio --store {self.address.text} init"
        raise NotFound(self.address.text, "there is no workspace here", hint=hint)

    def _ask(self, store: Store) -> None:
        """Asks a server until it has once said that there is something of the user's."""
        seen = os.path.join(self.where.cache, "stores", self.mark)
        if os.path.exists(seen):
            return
        ask = "SELECT 1 FROM event WHERE user_id = ? LIMIT 1"
        if not store.read_here(lambda connection: connection.execute(ask, (self.user,)).fetchall()):
            hint = f"to make one: spatio --store {self.address.name} init"
            raise NotFound(
                self.address.name, f"this database holds no workspace of the user {self.user}", hint=hint
            )
        _note(seen)

    @property
    def mark(self) -> str:
        """Tells this store and user from all others."""
        return digest(f"{self.address.name}\0{self.user}")

    def object_store(self) -> ObjectStore:
        """Where large contents go: each user's apart. Raises LoginNeeded."""
        if isinstance(self.objects, str):
            local: ObjectStore = import_module("providers.store.objects").LocalObjects(self.objects)
            return local
        client = import_module("providers.s3.client").connect(self.objects, Vault(self.where).read)
        far: ObjectStore = import_module("providers.s3.objects").S3Objects(client, self.prefix)
        return far

    @property
    def prefix(self) -> str:
        """Under which keys of the bucket this user's objects lie."""
        above = "" if isinstance(self.objects, str) else self.objects.prefix
        return f"{above}{quote(self.user, safe='@')}/"

    @property
    def facts(self) -> Mapping[str, str]:
        """What a person may be told of it."""
        return {
            "store": self.address.name,
            "engine": self.address.engine,
            "objects": shown(self.objects),
            "user": self.user,
        }


def digest(text: str) -> str:
    """Stands for a text in a file's name."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _note(file: str) -> None:
    with suppress(OSError):
        write_private(file, "")


def check(setting: StoreSetting) -> None:
    """Raises Mistake for a `[store]` table that cannot be used, or that holds a password."""
    for key, text in zip(("url", "direct"), (setting.url, setting.direct), strict=True):
        if not text:
            continue
        try:
            address = store_address(text, absolute=True)
        except WrongAddress as wrong:
            raise Mistake(("store", key), wrong.reason, wrong.hint) from None
        if address.password is not None:
            raise Mistake(
                ("store", key),
                "passwords are not kept in the config",
                "take it out of the address and put it into the keyring: spatio key store; or set PGPASSWORD",
            )
        if key == "direct" and address.engine != "postgresql":
            raise Mistake(("store", key), "direct must be a postgresql:// address, as url is")
    if setting.direct and not setting.url:
        raise Mistake(("store", "direct"), "direct is of use beside url only")
    if setting.objects:
        try:
            objects_address(setting.objects, absolute=True)
        except WrongAddress as wrong:
            raise Mistake(("store", "objects"), wrong.reason, wrong.hint) from None
    if setting.user and not _is_user(setting.user):
        raise Mistake(("store", "user"), "user must be a name without control characters")


def _is_user(text: str) -> bool:
    return text.isprintable() and text.strip() == text and len(text) <= LONGEST_USER


def choose(
    where: Places,
    setting: StoreSetting | None,
    address: str | None,
    objects: str | None,
    environ: Mapping[str, str],
) -> Chosen:
    """The store of this run. Raises ConfigError for an option or a variable that makes no sense."""
    kept = setting or StoreSetting()
    given = _read("--store", address) or _read(URL, environ.get(URL))
    if address and given and given.password is not None:
        secret = address.rpartition("@")[0].partition("://")[2].partition(":")[2]
        import_module("spatio.hiding").hide_argument(address, secret)
    usual = store_address(kept.url) if kept.url else StoreAddress("sqlite", where.database)
    chosen = given or usual
    beside = kept if chosen.text == usual.text else StoreSetting()
    variable = environ.get(OBJECTS) if not address or beside is kept or _is(environ.get(URL), chosen) else ""
    user = beside.user or USER
    usual_place: Location | str = _default_objects(where, chosen, user)
    place = usual_place
    for name, text in (("--objects", objects), (OBJECTS, variable), ("[store] objects", beside.objects)):
        if text:
            place = _read_objects(name, text)
            break
    return Chosen(where, chosen, place, user, beside.direct, shared=place != usual_place)


def _is(text: str | None, address: StoreAddress) -> bool:
    try:
        return bool(text) and store_address(text or "").text == address.text
    except WrongAddress:
        return False


def _read(name: str, text: str | None) -> StoreAddress | None:
    if not text:
        return None
    try:
        return store_address(text)
    except WrongAddress as wrong:
        raise ConfigError(name, wrong.reason, hint=wrong.hint) from None


def _read_objects(name: str, text: str) -> Location | str:
    try:
        return objects_address(text)
    except WrongAddress as wrong:
        raise ConfigError(name, wrong.reason, hint=wrong.hint) from None


def _default_objects(where: Places, address: StoreAddress, user: str) -> str:
    """A folder that no other store has."""
    if address.text == where.database:
        return where.objects
    if address.engine == "sqlite":
        folder, name = os.path.split(address.text)
        return os.path.join(folder, "objects" if name == "spatio.db" else f"{name}.objects")
    plain = address.name.partition("://")[2].rpartition("@")[2]
    words = re.sub(r"[^A-Za-z0-9.]+", "-", f"{plain}-{user}").strip("-.")
    mark = digest(f"{address.name}\0{user}")[:8]
    return os.path.join(where.data, "stores", f"{words[:80]}-{mark}", "objects")


# -- the password


def password_of(address: StoreAddress, environ: Mapping[str, str], vault: Vault) -> Secret | None:
    """The password to hand over; None where the driver finds one itself, or none is known. Blocks.

    The vault comes last: to ask it costs more than to connect.
    """
    if address.password is not None:
        return address.password
    if environ.get("PGPASSWORD") or address.login.partition("@")[2].startswith("/"):
        return None
    if _in_password_file(address, environ):
        return None
    kept = vault.find(keyring_entry(address))
    return kept.secret if kept else None


def keyring_entry(address: StoreAddress) -> str:
    """Under which name the keyring keeps the password: bound to login and host, so that no other gets it."""
    return f"store:{address.login}"


def _in_password_file(address: StoreAddress, environ: Mapping[str, str]) -> bool:
    """Whether the file that libpq and its kin read (`~/.pgpass`) has a line for this login and host."""
    file = environ.get("PGPASSFILE") or os.path.join(os.path.expanduser("~"), ".pgpass")
    try:
        with open(file, encoding="utf-8", errors="replace") as opened:
            lines = opened.read().splitlines()
    except OSError:
        return False
    user, _, place = address.login.rpartition("@")
    hosts = {one.rpartition(":")[0] if ":" in one else one for one in place.split(",")}
    for line in lines:
        fields = re.split(r"(?<!\\):", line)
        if line.startswith("#") or len(fields) < 5:
            continue
        whose = fields[3]
        if fields[0] in (*hosts, "*") and (whose in (user, "*") or not user):
            return True
    return False
