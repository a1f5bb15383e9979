"""Engines: the keys of a bucket and what was opened with them, by the first call that needs it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from importlib import import_module
from threading import RLock
from typing import TYPE_CHECKING

from providers.s3 import signature
from providers.s3.address import Location
from providers.s3.credentials import Keys, Secrets, find_keys
from providers.s3.engine import Engine, Patience
from providers.s3.obs import Obs
from providers.s3.service import Service

if TYPE_CHECKING:
    from providers.s3.boto import Boto
    from providers.s3.wire import Wire


class Engines:
    """What one bucket is asked with. Blocks; may be used by many threads."""

    def __init__(self, location: Location, secrets: Secrets, library: str, patience: Patience) -> None:
        self.location, self.secrets, self.library, self.patience = location, secrets, library, patience
        self._lock = RLock()
        self.generation = 0
        """How often the keys were renewed."""
        self._keys: Keys | None = None
        self._obs: Obs | None = None
        self._boto: Boto | None = None
        self._wire: Wire | None = None

    def of(self, key: str) -> Engine:
        """The engine for one object."""
        engine = self._data()
        return engine if engine.takes(key) else self.parts()

    def parts(self) -> Boto:
        """The engine for what is moved in parts, and for conditions of copies."""
        if self._boto is None:
            with self._lock:
                if self._boto is None:
                    boto = import_module("providers.s3.boto")
                    self._boto = boto.Boto(self._service(), self._found(), self.patience)
        return self._boto

    def wire(self) -> Wire:
        """For listings."""
        if self._wire is None:
            with self._lock:
                if self._wire is None:
                    wire = import_module("providers.s3.wire")
                    self._wire = wire.Wire(self._service(), self._found(), self.patience)
        return self._wire

    def for_copy(self, source: str, target: str, conditional: bool) -> Callable[[], Engine]:
        """The engine that copies, when it is called."""

        def choose() -> Engine:
            engine = self.of(source)
            return self.parts() if conditional or not engine.takes(target) else engine

        return choose

    def delete(self, keys: Sequence[str]) -> None:
        """Removes at most 1,000 objects, each by an engine that can spell it."""
        engine = self._data()
        plain = [key for key in keys if engine.takes(key)]
        if plain:
            engine.delete(plain)
        if len(plain) < len(keys):
            self.parts().delete([key for key in keys if not engine.takes(key)])

    def link(self, key: str, seconds: int, query: Mapping[str, str]) -> str:
        """A link that reads the object."""
        service = self._service()
        return signature.link(service, self._found(), service.path(key), seconds, query)

    def renew(self, generation: int) -> bool:
        """Looks for keys again; True when there are others than in that generation: all is opened anew."""
        with self._lock:
            if self.generation != generation:
                return True
            old = self._keys
            found = find_keys(self.location, self.secrets)
            if old is None or found == old:
                return False
            self.close()
            self._keys = found
            self.generation += 1
            return True

    def close(self) -> None:
        with self._lock:
            opened = (self._obs, self._boto, self._wire)
            self._keys = self._obs = self._boto = self._wire = None
        for one in opened:
            if one is not None:
                one.close()

    def _data(self) -> Engine:
        """The engine for whatever both can do."""
        if self.library == "obs":
            with suppress(ImportError):
                return self._obs or self._open_obs()
            self.library = "boto"
        return self.parts()

    def _open_obs(self) -> Obs:
        with self._lock:
            if self._obs is None:
                self._obs = Obs(self._service(), self._found(), self.patience)
            return self._obs

    def _found(self) -> Keys:
        with self._lock:
            if self._keys is None:
                self._keys = find_keys(self.location, self.secrets)
            return self._keys

    def _service(self) -> Service:
        return Service.of(self.location, self._found())
