"""Obs: the requests that obstore makes, in Rust; threads run side by side in it.

Only its blocking functions are used: its coroutines go on in Rust when they are cancelled, and may then
call into an interpreter that is gone.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from hashlib import md5
from importlib import import_module
from threading import Lock
from typing import Any

from providers.s3.client import Facts
from providers.s3.credentials import Keys
from providers.s3.engine import PastEnd, Patience, Terms
from providers.s3.service import Service
from vfs.errors import Corrupt

_ATTRIBUTES = ("Content-Type", "Content-Disposition", "Content-Encoding", "Content-Language", "Cache-Control")
_BLOCK = 1024 * 1024
_environment = Lock()


class Obs:
    """One bucket through obstore."""

    def __init__(self, service: Service, keys: Keys, patience: Patience) -> None:
        self._obstore: Any = import_module("obstore")
        self._store = _open(service, keys, patience, checked=True)
        self._opened = (service, keys, patience)
        self._checked = True
        """Whether the service takes checksums of this kind; those that do not say so."""

    def takes(self, key: str) -> bool:
        """obstore knows paths, not keys: no empty, `.` or `..` segment, nothing unprintable."""
        return key.isprintable() and not any(part in ("", ".", "..") for part in key.split("/"))

    def head(self, key: str) -> Facts:
        found = self._obstore.get(self._store, key, options={"head": True})
        return _facts(key, found)

    def fetch(self, key: str, start: int, stop: int, etag: str | None) -> tuple[Facts, list[bytes]]:
        options: dict[str, Any] = {"range": (start, stop)}
        if etag is not None:
            options["if_match"] = f'"{etag}"'
        try:
            found = self._obstore.get(self._store, key, options=options)
        except self._obstore.exceptions.GenericError as error:
            if "status code: 416" in str(error):
                raise PastEnd from None
            raise
        facts = _facts(key, found)
        wanted = min(stop, facts.size) - start
        blocks: list[bytes] = []
        for block in found.stream(_BLOCK):
            wanted -= len(block)
            if wanted < 0:
                break
            blocks.append(block)
        if wanted:
            raise Corrupt(None, "an answer is not as long as it said")
        return facts, blocks

    def store(self, key: str, data: bytes, terms: Terms) -> str:
        attributes = dict(terms.metadata)
        if terms.mime is not None:
            attributes["Content-Type"] = terms.mime
        mode: Any = "overwrite"
        if terms.only_new:
            mode = "create"
        elif terms.etag is not None:
            mode = {"e_tag": f'"{terms.etag}"'}
        options = {"attributes": attributes or None, "mode": mode, "use_multipart": False}
        try:
            etag = _bare(self._obstore.put(self._store, key, data, **options)["e_tag"])
        except self._obstore.exceptions.BaseError as error:
            if not self._checked or "NotImplemented" not in str(error):
                raise
            self._store, self._checked = _open(*self._opened, checked=False), False
            etag = _bare(self._obstore.put(self._store, key, data, **options)["e_tag"])
        if not self._checked and etag != md5(data, usedforsecurity=False).hexdigest():
            raise Corrupt(None, "what arrived does not fit its checksum")
        return etag

    def copy(self, source: str, target: str, *, etag: str | None, only_new: bool) -> None:
        self._obstore.copy(self._store, source, target)

    def delete(self, keys: Sequence[str]) -> None:
        self._obstore.delete(self._store, list(keys))

    def close(self) -> None:
        """Connections end with the store that holds them."""


def _open(service: Service, keys: Keys, patience: Patience, *, checked: bool) -> Any:
    config: dict[str, Any] = {
        "endpoint": service.root,
        "aws_endpoint_url_s3": service.root,
        "region": service.region,
        "virtual_hosted_style_request": service.virtual,
        "access_key_id": keys.access,
        "secret_access_key": keys.secret,
    }
    if checked:
        config["checksum_algorithm"] = "SHA256"
    if keys.session is not None:
        config["session_token"] = keys.session
    client: dict[str, Any] = {
        "allow_http": service.root.startswith("http://"),
        "connect_timeout": timedelta(seconds=patience.connect),
        "read_timeout": timedelta(seconds=patience.read),
        "timeout": timedelta(seconds=patience.whole),
    }
    bundle = os.environ.get("AWS_CA_BUNDLE")
    if bundle:
        with open(bundle, "rb") as certificates:
            client["root_certificate"] = certificates.read()
    with _no_foreign_session(keys):
        return import_module("obstore.store").S3Store(
            service.bucket, config=config, client_options=client, retry_config={"max_retries": 0}
        )


@contextmanager
def _no_foreign_session(keys: Keys) -> Iterator[None]:
    """obstore takes what it lacks from the environment, where a session token belongs to other keys."""
    if keys.session is not None:
        yield
        return
    with _environment:
        names = [name for name in ("AWS_SESSION_TOKEN", "AWS_TOKEN") if name in os.environ]
        aside = {name: os.environ.pop(name) for name in names}
        try:
            yield
        finally:
            os.environ.update(aside)


def _facts(key: str, found: Any) -> Facts:
    meta, attributes = found.meta, found.attributes
    metadata = {name: text for name, text in attributes.items() if name not in _ATTRIBUTES}
    return Facts(
        key,
        meta["size"],
        meta["last_modified"],
        _bare(meta["e_tag"]),
        attributes.get("Content-Type"),
        metadata,
    )


def _bare(etag: str | None) -> str:
    return (etag or "").removeprefix("W/").strip('"')
