"""Front matter as new notes and tasks get it: `key: value` lines between two `---`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from vfs.node import Value

_QUOTED = set(":#[]{},&*!|>'\"%@`\\")


def front_matter(fields: Mapping[str, Value]) -> str:
    """The block for these fields, those that are None or empty left out; "" when none is left."""
    lines = [f"{name}: {_spelled(value)}\n" for name, value in fields.items() if value not in (None, "", ())]
    return f"---\n{''.join(lines)}---\n" if lines else ""


def _spelled(value: Value) -> str:
    if isinstance(value, tuple):
        return f"[{', '.join([_spelled(item) for item in value])}]"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, date):
        return value.isoformat()
    text = " ".join(str(value).splitlines())
    if isinstance(value, str) and _needs_quotes(text):
        escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\t", "\\t")
        return f'"{escaped}"'
    return text


def _needs_quotes(text: str) -> bool:
    """Whether YAML could read the text as something else than this text."""
    return (
        not text.isprintable()
        or text != text.strip()
        or bool(_QUOTED & set(text))
        or text[:1] in "-?0123456789.+~="
        or text.lower() in ("true", "false", "yes", "no", "on", "off", "null")
    )
