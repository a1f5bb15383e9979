"""escaped: a format's backslash escapes done, before its directives are filled in."""

from __future__ import annotations

from commands.text.escapes import Octal, Stopped, unescaped


def escaped(form: str) -> str:
    """`form` with its escapes replaced; `\\c` ends it."""
    try:
        data = unescaped(form, Octal.FORMAT)
    except Stopped as stopped:
        data = stopped.before
    return data.decode("utf-8", "surrogateescape")
