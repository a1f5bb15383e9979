"""Workspace: one person's mounts, store and services, put together lazily.

`open_workspace` reads the config and names things; nothing is opened, made or loaded before it is
used. The first use of a store that is not there makes it, the shipped agents inside.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from importlib import import_module
from typing import TYPE_CHECKING, Any

from providers.spec import Opening, Reach
from spatio.config import Config, ConfigError, MountSetting, load_config
from spatio.paths import Places, places
from spatio.plugins import provider_spec
from spatio.services import AppServices, LazyJournal, WorkspaceFacts
from spatio.session import Clock, Session
from vfs.errors import BadName, Conflict, VfsError
from vfs.mount import Mount, MountTable
from vfs.path import ROOT, Path
from vfs.visible import visible_line

if TYPE_CHECKING:
    from commands.services import Services
    from providers.store.store import Store
    from spatio.secrets import Vault
    from spatio.storing import Chosen
    from vfs.provider import Provider


_KEPT = ("agents", "files", "notes", "outbox", "runs", "tasks")
"""What lies in the store."""


CONNECTED = {"mail": "run: connect imap, or connect gmail"}
"""How what is not there from the beginning comes to be."""

ACCOUNTS = ("caldav", "gmail", "google-calendar", "imap", "plaid")
"""Providers that log in with what lies among the secrets."""

UNSEARCHED = ("outbox", "s3", "sys")
"""Providers that a search from above leaves out: facts about the program, what is only there until it has
left, and what would be read over a network, object by object."""


def open_workspace(
    home: str | os.PathLike[str] | None = None,
    *,
    store: Callable[[], Store] | None = None,
    address: str | None = None,
    objects: str | None = None,
    reach: str = "",
    environ: Mapping[str, str] = os.environ,
) -> Workspace:
    """The workspace in `home`, or the one that the environment names.

    `address` and `objects` are what `--store` and `--objects` say; without them the environment and the
    config choose. `store` stands in for all of them (a test's, a template's). `reach` is a value of
    `Reach`, for mounts that are replicas.
    Raises ConfigError, Unavailable.
    """
    where = places(home)
    config = load_config(where)
    chosen: Chosen | None = None
    if (
        address
        or objects
        or config.store
        or environ.get("SPATIO_DATABASE_URL")
        or environ.get("SPATIO_OBJECTS")
    ):
        chosen = import_module("spatio.storing").choose(where, config.store, address, objects, environ)
    named = bool(store or address or environ.get("SPATIO_DATABASE_URL"))
    workspace = Workspace(where, config, store, chosen, named=named)
    workspace.reach = Reach(reach or ("offline" if environ.get("SPATIO_OFFLINE") else "wait"))
    return workspace


class Workspace:
    """What all sessions of a program share."""

    def __init__(
        self,
        where: Places,
        config: Config,
        store: Callable[[], Store] | None = None,
        chosen: Chosen | None = None,
        *,
        named: bool = False,
    ) -> None:
        self.where = where
        self.config = config
        self.chosen = chosen
        """The store that was chosen; None for the workspace's own database."""
        self._named = named
        """The store is what somebody said, not what the config says."""
        self._make_store = store
        self._store: Store | None = None
        self._unseen: Chosen | None = None
        """A store of which it is not sure yet that a workspace is there."""
        self.jobs: Callable[[], Sequence[Mapping[str, str]]] = list
        """What `/sys/jobs` shows; the prompt sets it."""
        self.reach = Reach.WAIT
        self._vault: Vault | None = None
        self.clock: Clock | None = None
        """What time it is for the sessions, where that is not the computer's time."""
        self.mounts = MountTable()
        self.mounts.hints = CONNECTED
        for setting in config.mounts:
            self.mounts.add(self.mount(setting))
        self.mounts.add(Mount(Path(("dev",)), "devices", _open_devices, searched=False))
        self.services: Services = AppServices(self)
        self._journal = LazyJournal(self)

    def store(self) -> Store:
        """The workspace's store, made by the first call. Raises NotFound, Conflict, Unavailable, Corrupt …"""
        if self._store is None:
            if not self._named:
                self._need_same_config()
            self._store = self._make_store() if self._make_store is not None else self._own_store()
        if self._unseen is not None:
            self._unseen.look(self._store)
            self._unseen = None
        return self._store

    @property
    def used(self) -> Store | None:
        """The store, if somebody has used it already, and a workspace was there."""
        return None if self._unseen is not None else self._store

    @property
    def is_founded(self) -> bool:
        """Whether there is a store that can be looked at: asking for one would not make it."""
        if self._store is not None or self._make_store is not None or self.chosen is not None:
            return True
        return os.path.exists(self.where.database)

    def _need_same_config(self) -> None:
        """Raises Conflict when the config names another store by now, and what is written would be lost."""
        try:
            named = load_config(self.where).store
        except ConfigError:
            return  # being edited, perhaps; the one that was read still stands
        if named != self.config.store:
            reason = "names another store than when this program began"
            raise Conflict(self.where.config_file, reason, hint="leave, and start spatio again")

    def _own_store(self) -> Store:
        if self.chosen is not None:
            self._unseen = self.chosen
            return self.chosen.connect(_say_waiting)
        if not os.path.exists(self.where.database):
            import_module("spatio.founding").found(self.where.database, self.where.objects)
        made: Store = import_module("providers.store.sqlite").SqliteStore(
            self.where.database, self.where.objects, waiting=_say_waiting
        )
        return made

    def store_facts(self) -> Mapping[str, str]:
        """Which store it is, for people: no password. Opens nothing."""
        if self.chosen is not None:
            return self.chosen.facts
        return {
            "store": self.where.database,
            "engine": "sqlite",
            "objects": self.where.objects,
            "user": "me",
        }

    def mount(self, setting: MountSetting) -> Mount:
        """A mount as the config describes it, not opened."""

        def opener() -> Provider:
            spec = provider_spec(setting.provider)
            options = _complete(setting, [(one.name, one.required, one.default) for one in spec.options])
            return spec.open(self.opening(options, setting.path, quiet=setting.provider in ACCOUNTS))

        return Mount(
            setting.path,
            setting.provider,
            opener if setting.provider != "scratch" else self._open_scratch,
            read_only=setting.read_only,
            trust=setting.trust,
            options=setting.options,
            searched=setting.provider not in UNSEARCHED,
            place=self.chosen.address.name if self.chosen and setting.provider in _KEPT else "",
        )

    def opening(self, options: Mapping[str, str], path: Path = ROOT, *, quiet: bool = False) -> Opening:
        """What a provider is given to open a mount at `path` with these options.

        `quiet`: a read of it asks for no passphrase, since it has an answer without news.
        """

        def vault() -> Vault:
            return self.vault.quiet if quiet and self.reach is not Reach.FRESH else self.vault

        return Opening(
            options=options,
            store=self.store,
            facts=WorkspaceFacts(self),
            secret=lambda name: vault().read(name),
            reach=lambda: self.reach,
            keeper=vault,
            below=lambda: self._below(path),
            home=self.where.data,
            now=self.now,
        )

    def now(self) -> datetime:
        """The time, by the clock of the sessions."""
        return self.clock() if self.clock is not None else datetime.now().astimezone()

    def _below(self, path: Path) -> list[tuple[str, Provider]]:
        depth = len(path.parts) + 1
        below = [mount for mount in self.mounts.below(path) if len(mount.path.parts) == depth]
        return [(mount.path.name, mount.provider()) for mount in below]

    @property
    def vault(self) -> Vault:
        """Where this workspace's secrets lie; loaded by the first use."""
        if self._vault is None:
            self._vault = import_module("spatio.secrets").Vault(self.where)
        return self._vault

    def _open_scratch(self) -> Provider:
        opened: Provider = import_module("spatio.scratch").open_scratch(self.where.scratch)
        return opened

    def session(self, **settings: Any) -> Session:
        """A session over this workspace; takes what `Session` takes by name."""
        settings.setdefault("journal", self._journal)
        self.clock = settings.get("clock") or self.clock
        return Session(self.mounts, self.services, **settings)

    async def aclose(self) -> None:
        """Closes what was opened; the last error of several is raised."""
        wrong: VfsError | None = None
        for mount in self.mounts:
            try:
                await mount.aclose()
            except VfsError as error:
                wrong = error
        store, self._store = self._store, None
        if store is not None:
            await store.aclose()
        if wrong is not None:
            raise wrong


def _say_waiting(what: str) -> None:
    """Says on standard error why nothing happens for a while."""
    with suppress(OSError):
        os.write(2, f"spatio: {visible_line(what)}\n".encode("utf-8", "replace"))


def _open_devices() -> Provider:
    provider: Provider = import_module("spatio.devices").Devices()
    return provider


def _complete(setting: MountSetting, known: Sequence[tuple[str, bool, str]]) -> Mapping[str, str]:
    """The options with their defaults. Raises BadName for an unknown or a missing one."""
    names = [name for name, _, _ in known]
    for name in setting.options:
        if name not in names:
            near = import_module("commands.nearest").nearest(name, names)
            hint = f"did you mean {near}?" if near else f"it takes: {', '.join(names) or 'no options'}"
            raise BadName(setting.path, f"provider {setting.provider} has no option {name}", hint=hint)
    options = {name: default for name, _, default in known if default}
    options.update(setting.options)
    for name, required, _ in known:
        if required and not options.get(name):
            raise BadName(setting.path, f"provider {setting.provider} needs the option {name}")
    return options
