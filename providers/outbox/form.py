"""Form: what can be told of a deed's content, by its kind."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from importlib import import_module
from typing import Protocol, cast

from providers.outbox.deed import MAIL
from providers.store.contents import CUT, RENDERED, Content
from providers.store.words import LONGEST
from vfs.node import Value

_FORMS = {MAIL: "providers.outbox.letter"}


class Form(Protocol):
    """A kind of content that leaves."""

    def attributes(self, content: bytes) -> Mapping[str, Value]:
        """What a listing shows of it."""
        ...

    def text(self, content: bytes) -> str:
        """What a person reads."""
        ...

    def revised(self, before: bytes, edited: bytes, key: str) -> bytes:
        """What leaves once a person has changed it, the deed being the same. Raises BadName."""
        ...


class Plain:
    """A content of which nothing more is known: it is what it says."""

    def attributes(self, content: bytes) -> Mapping[str, Value]:
        return {}

    def text(self, content: bytes) -> str:
        return content.decode("utf-8", "replace")

    def revised(self, before: bytes, edited: bytes, key: str) -> bytes:
        return edited


def form_of(mime: str | None) -> Form:
    """How contents of this kind are read."""
    module = _FORMS.get(mime or "")
    return Plain() if module is None else cast(Form, import_module(module))


def with_text(form: Form, content: Content, data: bytes) -> Content:
    """A content that is shown, and searched, as its form reads it."""
    text = form.text(data).replace("\0", " ").encode("utf-8", "replace")
    if len(text) >= LONGEST:
        end = CUT.encode()
        text = text[: LONGEST - len(end)].decode("utf-8", "ignore").encode() + end
    return content._replace(excerpt=RENDERED + zlib.compress(text, 6))
