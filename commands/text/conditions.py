"""Conditions: the expressions of `test` and `[`, judged as bash does, by the number of words."""

from __future__ import annotations

from collections.abc import Sequence

from commands.command import Context, Usage
from commands.stream import Io, to_bytes
from commands.text.shellvars import variables_of
from vfs.errors import VfsError
from vfs.node import Node
from vfs.provider import Cap

_COMPARISONS = ("=", "==", "!=", "<", ">", "-eq", "-ne", "-lt", "-le", "-gt", "-ge", "-nt", "-ot", "-ef")
_UNARY = frozenset("abcdefghkoprstuvwxzGLNORSn")
_JOINS = ("-a", "-o")


class Conditions:
    """One expression over `words`. Raises Usage for what is none."""

    def __init__(self, ctx: Context, io: Io, words: Sequence[str]) -> None:
        self._ctx = ctx
        self._io = io
        self._words = list(words)
        self._at = 0

    async def holds(self) -> bool:
        """Whether it is true."""
        return await self._by_count(self._words)

    async def _by_count(self, words: list[str]) -> bool:
        """POSIX's rules for up to four words; beyond that the grammar decides."""
        match words:
            case []:
                return False
            case [word]:
                return bool(word)
            case ["!", word]:
                return not word
            case [operator, word]:
                if not _is_unary(operator):
                    raise Usage(f"{operator}: unary operator expected")
                return await self._unary(operator, word)
            case [left, operator, right] if operator in _COMPARISONS:
                return await self._binary(left, operator, right)
            case [left, "-a", right]:
                return bool(left) and bool(right)
            case [left, "-o", right]:
                return bool(left) or bool(right)
            case ["!", *rest] if len(rest) < 4:
                return not await self._by_count(rest)
            case ["(", *inner, ")"] if len(inner) in (1, 2):
                return await self._by_count(inner)
            case [_, operator, _]:
                raise Usage(f"{operator}: binary operator expected")
        return await self._whole()

    async def _whole(self) -> bool:
        self._at = 0
        answer = await self._or()
        if self._at < len(self._words):
            raise Usage("too many arguments")
        return answer

    async def _or(self) -> bool:
        answer = await self._and()
        while self._take("-o"):
            answer = await self._and() or answer
        return answer

    async def _and(self) -> bool:
        answer = await self._term()
        while self._take("-a"):
            answer = await self._term() and answer
        return answer

    async def _term(self) -> bool:
        negated = False
        while self._take("!"):
            negated = not negated
        return await self._primary() is not negated

    async def _primary(self) -> bool:
        words, at = self._words, self._at
        if at == len(words):
            raise Usage("argument expected")
        if words[at] == "(":
            self._at += 1
            answer = await self._or()
            if not self._take(")"):
                raise Usage("`)' expected")
            return answer
        if at + 2 < len(words) and words[at + 1] in _COMPARISONS:
            self._at += 3
            return await self._binary(words[at], words[at + 1], words[at + 2])
        if _is_unary(words[at]) and at + 1 < len(words) and words[at + 1] not in _JOINS:
            self._at += 2
            return await self._unary(words[at], words[at + 1])
        self._at += 1
        return bool(words[at])

    def _take(self, word: str) -> bool:
        if self._at < len(self._words) and self._words[self._at] == word:
            self._at += 1
            return True
        return False

    async def _unary(self, operator: str, word: str) -> bool:
        letter = operator[1]
        if letter in "nz":
            return bool(word) is (letter == "n")
        if letter == "t":
            return self._terminal(word)
        if letter == "v":
            variables = variables_of(self._ctx)
            return variables.get(word) is not None if variables else word in self._ctx.env
        if letter in "oR":
            return False
        node = await self._node(word)
        if node is None or letter in "bcghkLpSuN":
            return False
        if letter in "fd":
            return node.is_folder is (letter == "d")
        if letter == "s":
            return node.is_folder or await self._has_content(word, node)
        if letter == "w":
            cap = Cap.EDIT if node.is_folder else Cap.WRITE
            return bool(self._ctx.tree.caps(self._ctx.resolve(word)) & cap)
        if letter == "x":
            mode = node.attrs.get("mode")
            return node.is_folder or (isinstance(mode, int) and bool(mode & 0o111))
        return True

    def _terminal(self, word: str) -> bool:
        ends = {0: self._io.stdin.tty, 1: self._io.stdout.tty, 2: self._io.stderr.tty}
        return ends.get(_integer(word), False)

    async def _has_content(self, word: str, node: Node) -> bool:
        if node.size is not None:
            return node.size > 0
        async with self._ctx.tree.open(self._ctx.resolve(word)) as blocks:
            async for block in blocks:
                if block:
                    return True
        return False

    async def _binary(self, left: str, operator: str, right: str) -> bool:
        match operator:
            case "=" | "==":
                return left == right
            case "!=":
                return left != right
            case "<":
                return to_bytes(left) < to_bytes(right)
            case ">":
                return to_bytes(left) > to_bytes(right)
            case "-nt" | "-ot":
                return await self._newer(*((left, right) if operator == "-nt" else (right, left)))
            case "-ef":
                same = self._ctx.resolve(left) == self._ctx.resolve(right)
                return same and await self._node(left) is not None
        difference = _integer(left) - _integer(right)
        return {
            "-eq": difference == 0, "-ne": difference != 0, "-lt": difference < 0, "-le": difference <= 0,
            "-gt": difference > 0, "-ge": difference >= 0,
        }[operator]  # fmt: skip

    async def _newer(self, word: str, than: str) -> bool:
        """Whether `word` is the newer one, or the only one that exists."""
        node, other = await self._node(word), await self._node(than)
        if node is None or other is None:
            return node is not None and other is None
        return node.mtime is not None and other.mtime is not None and node.mtime > other.mtime

    async def _node(self, word: str) -> Node | None:
        if not word:
            return None
        try:
            path = self._ctx.resolve(word)
            node = await self._ctx.tree.stat(path)
        except (VfsError, ValueError):
            return None
        return node if node.is_folder or not word.endswith("/") else None


def _is_unary(word: str) -> bool:
    return len(word) == 2 and word[0] == "-" and word[1] in _UNARY


def _integer(word: str) -> int:
    text = word.strip(" \t\n")
    if not text.lstrip("+-").isdecimal() or len(text) - len(text.lstrip("+-")) > 1 or not text.isascii():
        raise Usage(f"{word}: integer expression expected")
    return int(text[:4000])
