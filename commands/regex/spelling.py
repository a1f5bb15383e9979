"""A tree of a regular expression, spelled for RE2 and for Python's own engine."""

from __future__ import annotations

from typing import NamedTuple

from commands.regex.syntax import (
    Any,
    At,
    Back,
    BadPattern,
    Char,
    Either,
    Group,
    Repeat,
    Run,
    Set,
    Tree,
    parts_of,
)

_SPACES = "\\x{1680}\\x{2000}-\\x{2006}\\x{2008}-\\x{200a}\\x{205f}\\x{3000}"
_RE2_CLASSES = {
    "alnum": "\\pL\\pM\\pN",
    "alpha": "\\pL\\pM\\p{Nl}\\p{No}",
    "blank": "\\t " + _SPACES,
    "cntrl": "\\x00-\\x1f\\x7f-\\x{9f}\\x{2028}\\x{2029}",
    "digit": "0-9",
    "graph": "!-~\\pL\\pM\\pN\\pP\\pS\\x{a0}\\x{2007}\\x{202f}",
    "lower": "\\p{Ll}",
    "print": " -~\\pL\\pM\\pN\\pP\\pS\\p{Zs}",
    "punct": "!-/:-@\\[-`{-~\\pP\\pS",
    "space": "\\t-\\r \\x{2028}\\x{2029}" + _SPACES,
    "upper": "\\p{Lu}\\p{Lt}",
    "xdigit": "0-9A-Fa-f",
}
_LETTERS = (
    "a-zA-Z\u00aa\u00b5\u00ba\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02c1\u0300-\u1fff\u2c00-\u2fef\u3005-\ud7ff"
)
_RE_CLASSES = {
    "alnum": "0-9" + _LETTERS,
    "alpha": _LETTERS,
    "blank": "\\t \u1680\u2000-\u2006\u2008-\u200a\u205f\u3000",
    "cntrl": "\\x00-\\x1f\\x7f-\\x9f\u2028\u2029",
    "digit": "0-9",
    "graph": "!-~\u00a0-\u1fff\u2010-\u2027\u2030-\ud7ff\U00010000-\U0010ffff",
    "lower": "a-z\u00b5\u00df-\u00f6\u00f8-\u00ff",
    "print": " -~\u00a0-\u2027\u202f-\ud7ff\U00010000-\U0010ffff",
    "punct": "!-/:-@\\[-`{-~\u00a1-\u00a9\u00ab-\u00b4\u00b6-\u00b9\u00bb-\u00bf\u2010-\u2027\u2030-\u205e",
    "space": "\\t-\\r \u1680\u2000-\u2006\u2008-\u200a\u2028\u2029\u205f\u3000",
    "upper": "A-Z\u00c0-\u00d6\u00d8-\u00de",
    "xdigit": "0-9A-Fa-f",
}
_REPEATS_OF_RE2 = 1000


class Dialect(NamedTuple):
    """How to spell a tree."""

    re2: bool = True
    """For RE2, else for Python's engine."""
    lines: bool = True
    """The text is many lines: `^` and `$` hold at each, and only `\\n` itself matches a newline."""
    groups: bool = False
    """Groups capture."""
    sieve: bool = False
    """What RE2 cannot say becomes something looser that matches at least as much."""


def spelled(tree: Tree, dialect: Dialect, bodies: dict[int, Tree] | None = None) -> str:
    """The pattern. `bodies` are the groups that back-references are about, for a sieve."""
    match tree:
        case Char(text):
            return _char(text, dialect.re2)
        case Any():
            return "." if dialect.lines else "(?s:.)"
        case Set():
            return _set(tree, dialect)
        case At(what):
            return _at(what, dialect)
        case Back(group):
            if not dialect.sieve:
                return f"(?:\\{group})"
            return f"(?:{spelled((bodies or {})[group], dialect, bodies)})"
        case Group(_, body):
            inner = spelled(body, dialect, bodies)
            return f"({inner})" if dialect.groups or not dialect.re2 else f"(?:{inner})"
        case Repeat():
            return _repeat(tree, dialect, bodies)
        case Run(parts):
            return "".join([_part(part, dialect, bodies) for part in parts]) or "(?:)"
        case Either(choices):
            return "|".join([spelled(choice, dialect, bodies) for choice in choices])


def _part(tree: Tree, dialect: Dialect, bodies: dict[int, Tree] | None) -> str:
    text = spelled(tree, dialect, bodies)
    return f"(?:{text})" if isinstance(tree, Either) else text


def _char(char: str, re2: bool) -> str:
    if char.isascii() and (char.isalnum() or char in "_ "):
        return char
    if re2:
        return f"\\x{{{ord(char):x}}}"
    return f"\\x{ord(char):02x}" if ord(char) < 256 else char


def _set(tree: Set, dialect: Dialect) -> str:
    names = _RE2_CLASSES if dialect.re2 else _RE_CLASSES
    inside = [names[name] for name in tree.classes]
    for low, high in tree.ranges:
        start = _char(low, dialect.re2)
        inside.append(start if low == high else f"{start}-{_char(high, dialect.re2)}")
    if tree.negated and dialect.lines:
        inside.append("\\n")
    return f"[{'^' if tree.negated else ''}{''.join(inside)}]"


def _at(what: str, dialect: Dialect) -> str:
    if what in "^$":
        whole = "^" if what == "^" else ("$" if dialect.re2 else "\\Z")
        return f"(?m:{what})" if dialect.lines else whole
    if what in "`'":
        return "\\A" if what == "`" else ("\\z" if dialect.re2 else "\\Z")
    if dialect.sieve:
        return "(?:)"
    if dialect.re2:
        return "\\B" if what == "B" else "\\b"
    return {
        "<": "\\b(?=\\w)", ">": "\\b(?<=\\w)", "b": "\\b", "B": "(?!\\b)", "[": "(?<!\\w)", "]": "(?!\\w)",
    }[what]  # fmt: skip


def _repeat(tree: Repeat, dialect: Dialect, bodies: dict[int, Tree] | None) -> str:
    inner = spelled(tree.body, dialect, bodies)
    if not isinstance(tree.body, Char | Any | Set | Group):
        inner = f"(?:{inner})"
    least, most = tree.least, tree.most
    if (least, most) == (0, None):
        return f"{inner}*"
    if (least, most) == (1, None):
        return f"{inner}+"
    if (least, most) == (0, 1):
        return f"{inner}?"
    if dialect.re2 and max(least, most or 0) > _REPEATS_OF_RE2:
        return _long_repeat(inner, least, most)
    return f"{inner}{{{least}}}" if most == least else f"{inner}{{{least},{'' if most is None else most}}}"


def _long_repeat(inner: str, least: int, most: int | None) -> str:
    """Counts beyond what RE2 takes, in portions that it does."""
    if most is not None and most != least:
        raise BadPattern("Regular expression too big")
    portions = [_REPEATS_OF_RE2] * (least // _REPEATS_OF_RE2) + [least % _REPEATS_OF_RE2]
    spelled_out = "".join([f"{inner}{{{count}}}" for count in portions if count])
    return spelled_out + (f"{inner}*" if most is None else "")


def bodies_of(tree: Tree) -> dict[int, Tree]:
    """Every group's body by its number."""
    found = {tree.number: tree.body} if isinstance(tree, Group) else {}
    for part in parts_of(tree):
        found.update(bodies_of(part))
    return found


def nodes_of(tree: Tree) -> list[Tree]:
    """A tree and everything in it."""
    return [tree, *[node for part in parts_of(tree) for node in nodes_of(part)]]


def boundaries_are_plain(tree: Tree) -> bool:
    """Whether RE2's `\\b` says just what every `\\<` and `\\>` of an ASCII text says."""
    if isinstance(tree, Run):
        for at, part in enumerate(tree.parts):
            if not isinstance(part, At):
                continue
            if part.what == "<" and not _is_word(tree.parts[at + 1] if at + 1 < len(tree.parts) else None):
                return False
            if part.what == ">" and not _is_word(tree.parts[at - 1] if at else None):
                return False
        return all(isinstance(part, At) or boundaries_are_plain(part) for part in tree.parts)
    if isinstance(tree, At):
        return tree.what not in "<>[]"
    return all(boundaries_are_plain(part) for part in parts_of(tree))


def _is_word(tree: Tree | None) -> bool:
    """Whether a part always begins and ends with a word character."""
    if isinstance(tree, Group):
        return _is_word(tree.body)
    if isinstance(tree, Repeat):
        return tree.least > 0 and _is_word(tree.body)
    if isinstance(tree, Run):
        return bool(tree.parts) and _is_word(tree.parts[0]) and _is_word(tree.parts[-1])
    if isinstance(tree, Either):
        return all(_is_word(choice) for choice in tree.choices)
    if isinstance(tree, Char):
        return tree.text.isascii() and (tree.text.isalnum() or tree.text == "_")
    if isinstance(tree, Set) and not tree.negated:
        named = all(name in _WORD_CLASSES for name in tree.classes)
        return named and all(_is_word_range(low, high) for low, high in tree.ranges)
    return False


_WORD_CLASSES = frozenset(("alnum", "alpha", "digit", "lower", "upper", "xdigit"))


def _is_word_range(low: str, high: str) -> bool:
    if low == high == "_":
        return True
    kinds = (str.isdigit, str.isupper, str.islower)
    return (low + high).isascii() and any(kind(low) and kind(high) for kind in kinds)
