"""A draft's text with more headers, or with an answer above what it quotes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence


def with_headers(draft: str, more: Mapping[str, Sequence[str]]) -> str:
    """The draft with further addresses or files; those of a header that is there are joined to it."""
    head, empty, body = draft.partition("\n\n")
    lines = head.split("\n")
    for name, values in more.items():
        plain = [" ".join(value.split()) for value in values if value.strip()]
        if not plain:
            continue
        at = next((at for at, line in enumerate(lines) if line.lower().startswith(f"{name.lower()}:")), None)
        if name == "Attach":
            lines += [f"{name}: {value}" for value in plain]
        elif at is None:
            lines.append(f"{name}: {', '.join(plain)}")
        else:
            old = lines[at].partition(":")[2].strip()
            lines[at] = f"{name}: {', '.join([old, *plain] if old else plain)}"
    return "\n".join(lines) + (empty or "\n\n") + body


def with_body(draft: str, text: str) -> str:
    """The draft with a text above what its body holds."""
    if not text.strip():
        return draft
    head, _, body = draft.partition("\n\n")
    rest = body.lstrip("\n")
    return f"{head}\n\n{text.rstrip()}\n" + (f"\n{rest}" if rest else "")
