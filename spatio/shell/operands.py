"""globbed: the words of a one-shot command, those with wildcards that name nothing being matched."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from commands.command import Reading
from commands.registry import reading_of
from spatio.shell.globbing import expand_glob, is_pattern

if TYPE_CHECKING:
    from spatio.session import Session


async def globbed(session: Session, argv: Sequence[str]) -> list[str]:
    """A word that is a pattern, no option, and no entry's name becomes what it matches, if anything."""
    name = argv[0]
    if reading_of(name, argv[1] if len(argv) > 1 else "") is not Reading.WORDS:
        return list(argv)
    words = [name]
    first_is_text = name in _TEXT_FIRST and not {"-e", "-f"} & set(argv)
    for place, word in enumerate(argv[1:], 1):
        plain = word.startswith("-") or argv[place - 1] == "-e" or not is_pattern(word)
        if first_is_text and not word.startswith("-"):
            first_is_text = False
            plain = True
        if plain or name in _ALL_TEXT or "\0" in word or await session.tree.exists(session.resolve(word)):
            words.append(word)
        else:
            words += await expand_glob(session.tree, session.cwd, word) or [word]
    return words


_ALL_TEXT = frozenset(
    {"[", "echo", "expr", "find", "help", "printf", "select", "test", "tr", "where", "xargs"}
)
"""Commands whose words are text or patterns of their own."""
_TEXT_FIRST = frozenset(["grep", "sed", "jq"])
"""Commands whose first operand is."""
