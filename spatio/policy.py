"""Policy: effect x path -> allow, ask or deny; the guard of a session that is not a person's.

Rules are read in order and the last one that covers an access decides; what no rule covers is
denied. What may not be read looks absent (the folders on the way to what may be read do not).
A change needs the right to read as well, so that nothing hidden is moved to where it shows.

SEND and SPEND are asked at least, RUN is always denied, and so are changes of `/agents`, `/sys` and the
rules of mailboxes (which act when nobody looks), and whatever would be done to what waits in `/outbox`,
whatever a rule says. An approval holds for one effect on one path (and what is asked below it) by one deed
(the line that is running, by its hash), and ends with it; what a verb is to do, such as a mail to its
recipients, is a question of its own each time. `outer` is the policy of whoever started this: both must
agree, so an agent inside an agent never gains a right.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import contextmanager
from enum import IntEnum
from fnmatch import translate
from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple

from vfs.action import Effect
from vfs.errors import NotFound, Refused
from vfs.path import Path
from vfs.visible import visible_line

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vfs.action import Arguments
    from vfs.tree import Guard

QUESTIONS = 20
"""Questions that one run may put; further asks are refused."""

DECLINED = 3
"""Questions answered with no, after which none is put any more."""

SHOWN = 12
"""Paths that one question lists; the rest is counted."""

LINES, WIDE = 20, 400
"""Lines of a text that a question quotes, and characters of each."""

_WORDS = {
    Effect.READ: "read",
    Effect.WRITE: "write",
    Effect.DELETE: "delete",
    Effect.SEND: "send from",
    Effect.SPEND: "spend by",
    Effect.RUN: "run",
}


class Verdict(IntEnum):
    """What a rule says; the greater is the stricter."""

    ALLOW = 0
    ASK = 1
    DENY = 2


class Pattern:
    """A path with wildcards; it covers what it matches and everything below that.

    `*`, `?` and `[…]` stand for characters of one name, `**` for any names.
    """

    __slots__ = ("_names", "literal", "text")

    def __init__(self, text: str) -> None:
        path = Path.parse(text)
        self.text = str(path)
        self._names: list[Callable[[str], re.Match[str] | None] | str | None] = [
            _name(part) for part in path.parts
        ]
        wild = next((at for at, name in enumerate(self._names) if not isinstance(name, str)), len(path.parts))
        self.literal = path.parts[:wild]
        """The names before the first wildcard."""

    def covers(self, path: Path) -> bool:
        """Whether it matches `path` or a folder above it."""
        head = self.literal
        if path.parts[: len(head)] != head:
            return False
        return len(head) == len(self._names) or self._walk(path.parts)

    def is_plain(self) -> bool:
        """Whether wildcards stand in its last name only."""
        return len(self.literal) >= len(self._names) - 1

    def _walk(self, parts: Sequence[str]) -> bool:
        """Whether the pattern matches the first of `parts`, however many."""
        end = len(self._names)
        states = self._skip({0})
        for part in parts:
            if end in states:
                return True
            following: set[int] = set()
            for at in states:
                name = self._names[at]
                if name is None:
                    following.add(at)
                elif name == part if isinstance(name, str) else name(part):
                    following.add(at + 1)
            states = self._skip(following)
        return end in states

    def _skip(self, states: set[int]) -> set[int]:
        """`**` matches no name, too."""
        reached = set(states)
        for at in states:
            while at < len(self._names) and self._names[at] is None:
                at += 1
                reached.add(at)
        return reached

    def __repr__(self) -> str:
        return f"Pattern({self.text!r})"


def _name(part: str) -> Callable[[str], re.Match[str] | None] | str | None:
    if part == "**":
        return None
    return re.compile(translate(part)).match if any(char in part for char in "*?[") else part


class Rule(NamedTuple):
    """What happens when one of `effects` is tried where `pattern` covers."""

    effects: Effect
    pattern: Pattern
    verdict: Verdict


def _fixed() -> tuple[Rule, ...]:
    changes = Effect.WRITE | Effect.DELETE
    return (
        Rule(changes, Pattern("/agents"), Verdict.DENY),
        Rule(changes, Pattern("/sys"), Verdict.DENY),
        Rule(changes, Pattern("/**/.rules"), Verdict.DENY),
        Rule(changes | Effect.SEND | Effect.SPEND, Pattern("/outbox"), Verdict.DENY),
        Rule(Effect.RUN, Pattern("/"), Verdict.DENY),
    )


FIXED = _fixed()


def _told(deed: Arguments) -> Iterator[str]:
    """What a verb is to do: each value on a line of its own, whole; of longer texts the first lines."""
    texts = {name: value for name, value in deed.items() if isinstance(value, str) and "\n" in value}
    for name, value in deed.items():
        if name not in texts:
            for one in value if isinstance(value, tuple) else (value,):
                yield f'  | {visible_line(name)}: "{visible_line(str(one))}"'
    for name, text in texts.items():
        yield f"  | {visible_line(name)}, {len(text):,} characters:"
        yield from _quoted(text, "lines of it")


def _quoted(text: str, kind: str) -> Iterator[str]:
    """The first lines that are not empty, made visible."""
    parts = [part for part in text.replace("\r\n", "\n").split("\n") if part.strip()]
    for part in parts[:LINES]:
        shown = visible_line(part)
        yield f'  | "{shown[:WIDE]}{"…" if len(shown) > WIDE else ""}"'
    if len(parts) > LINES:
        yield f"  | … and {len(parts) - LINES} more {kind}"


Asker = Callable[[str], Awaitable[bool]]
Note = Callable[[Effect, Path, Verdict], Awaitable[None]]


class Policy:
    """The guard of an agent's session. `who` names it in questions and refusals."""

    def __init__(
        self,
        rules: Iterable[Rule],
        *,
        who: str = "this session",
        commands: Callable[[str], bool] | None = None,
        outer: Guard | None = None,
        asker: Asker | None = None,
        note: Note | None = None,
    ) -> None:
        self.rules = (*rules, *FIXED)
        self.who = who
        self.outer = outer
        self._commands = commands
        self.asker = asker
        self._note = note
        self._deed = ""
        self._approved: set[tuple[Effect, Path, str]] = set()
        self._questions = 0
        self._declined = 0
        self._turn = asyncio.Lock()

    # -- judging

    def verdict(self, effect: Effect, path: Path) -> Verdict:
        """What the rules say of one effect on one path."""
        found = Verdict.DENY
        for rule in self.rules:
            if effect in rule.effects and rule.verdict is not found and rule.pattern.covers(path):
                found = rule.verdict
        if effect in Effect.SEND | Effect.SPEND:
            found = max(found, Verdict.ASK)
        return found

    def forbids(self, effect: Effect, path: Path) -> bool:
        """Whether the last rule for one effect on `path` is there, and denies it."""
        judged = [rule.verdict for rule in self.rules if effect in rule.effects and rule.pattern.covers(path)]
        if judged and judged[-1] is Verdict.DENY:
            return True
        return isinstance(self.outer, Policy) and self.outer.forbids(effect, path)

    def forbids_below(self, effect: Effect, path: Path) -> bool:
        """Whether the rules deny one effect on `path`, or on what may lie below it."""
        if self.verdict(effect, path) is Verdict.DENY:
            return True
        own = self.rules[: -len(FIXED)]
        for at, rule in enumerate(own):
            if effect not in rule.effects or rule.verdict is not Verdict.DENY:
                continue
            place = Path(rule.pattern.literal)
            deeper = place if place.is_under(path) else path
            if deeper.is_under(place) and not any(
                effect in later.effects and later.verdict is not Verdict.DENY and later.pattern.covers(deeper)
                for later in own[at + 1 :]
            ):
                return True
        return isinstance(self.outer, Policy) and self.outer.forbids_below(effect, path)

    def sees(self, path: Path) -> bool:
        if self.verdict(Effect.READ, path) is Verdict.DENY and not self._leads_to(path):
            return False
        return self.outer is None or self.outer.sees(path)

    def _leads_to(self, path: Path) -> bool:
        """Whether `path` is a folder on the way to something that may be read."""
        depth = len(path.parts)
        return any(
            Effect.READ in rule.effects
            and rule.verdict is not Verdict.DENY
            and len(rule.pattern.literal) >= depth
            and rule.pattern.literal[:depth] == path.parts
            and not any(
                later.verdict is Verdict.DENY and later.pattern.covers(Path(rule.pattern.literal))
                for later in self.rules[at + 1 :]
                if Effect.READ in later.effects
            )
            for at, rule in enumerate(self.rules)
        )

    async def check(self, effect: Effect, path: Path, deed: Arguments | None = None) -> None:
        if not self.sees(path):
            raise NotFound(path)
        for one in effect:
            await self._check(one, path, deed)
        if self.outer is not None:
            await self.outer.check(effect, path, deed)

    async def _check(self, effect: Effect, path: Path, deed: Arguments | None) -> None:
        found = self._strictest(effect, path)
        if found is Verdict.ASK:
            await self._ask(effect, [path], deed)
        elif found is Verdict.DENY:
            await self._tell(effect, path, Verdict.DENY)
            raise self._refusal(effect, path)
        if effect is not Effect.READ:
            await self._tell(effect, path, Verdict.ALLOW)

    def _strictest(self, effect: Effect, path: Path) -> Verdict:
        if effect is Effect.READ:
            found = self.verdict(effect, path)
            return Verdict.ALLOW if found is Verdict.DENY and self._leads_to(path) else found
        return max(self.verdict(effect, path), self.verdict(Effect.READ, path))

    # -- commands

    async def check_command(self, name: str, effects: Effect, paths: Sequence[Path] = ()) -> None:
        """Judges a command before it starts: may it be used, and may `paths` be deleted (one question).

        Raises Refused. What it then does to each path is judged again, path by path.
        """
        if Effect.RUN in effects or (self._commands is not None and not self._commands(name)):
            await self._tell(Effect.RUN, Path((name,)), Verdict.DENY)
            raise Refused(None, f"{self.who} may not use {name}")
        if Effect.DELETE in effects and len(paths) > 1:
            asks = [
                path
                for path in paths
                if self.sees(path) and self._strictest(Effect.DELETE, path) is Verdict.ASK
            ]
            if len(asks) > 1:
                await self._ask(Effect.DELETE, asks)
        if isinstance(self.outer, Policy):
            await self.outer.check_command(name, effects, paths)

    # -- asking

    @contextmanager
    def deed(self, line: str) -> Iterator[None]:
        """What is being done, shown with each question; approvals given inside end here."""
        before, self._deed = self._deed, line
        outer = self.outer.deed(f"{self.who}: {line}") if isinstance(self.outer, Policy) else None
        try:
            if outer is None:
                yield
            else:
                with outer:
                    yield
        finally:
            self._deed = before
            self._approved.clear()

    async def _ask(self, effect: Effect, paths: Sequence[Path], deed: Arguments | None = None) -> None:
        """Returns when the person says yes to all of `paths`. Raises Refused."""
        told = f"{self._deed}\0{sorted(deed.items())}" if deed is not None else self._deed
        digest = sha256(told.encode("utf-8", "surrogateescape")).hexdigest()
        async with self._turn:
            missing = [path for path in paths if not self._is_approved(effect, path, digest)]
            if not missing:
                return
            if self.asker is None:
                await self._tell(effect, missing[0], Verdict.DENY)
                raise self._refusal(effect, missing[0], "needs approval, and nobody is there to give it")
            if self._questions >= QUESTIONS or self._declined >= DECLINED:
                await self._tell(effect, missing[0], Verdict.DENY)
                raise self._refusal(effect, missing[0], "was not approved: too many questions in this run")
            self._questions += 1
            for path in missing:
                await self._tell(effect, path, Verdict.ASK)
            if not await self.asker(self._question(effect, missing, deed)):
                self._declined += 1
                await self._tell(effect, missing[0], Verdict.DENY)
                raise self._refusal(effect, missing[0], "was declined")
            self._approved.update((effect, path, digest) for path in missing)

    def _is_approved(self, effect: Effect, path: Path, digest: str) -> bool:
        return any(
            (effect, Path(path.parts[:length]), digest) in self._approved
            for length in range(len(path.parts) + 1)
        )

    def _question(self, effect: Effect, paths: Sequence[Path], deed: Arguments | None) -> str:
        """Names and the line are data: quoted, on lines of their own, made visible."""
        count = f"these {len(paths)} entries" if len(paths) > 1 else "this"
        lines = [f"{self.who} wants to {_WORDS[effect]} {count} and what may be below:"]
        lines += [f'  | "{visible_line(str(path))}"' for path in paths[:SHOWN]]
        if len(paths) > SHOWN:
            lines.append(f"  | … and {len(paths) - SHOWN} more")
        if deed:
            lines += ["which is:", *_told(deed)]
        if self._deed:
            lines += ["as part of:", *_quoted(self._deed, "lines")]
        return "\n".join([*lines, "Allow it?"])

    def _refusal(self, effect: Effect, path: Path, why: str = "") -> Refused:
        if why:
            return Refused(path, f"to {_WORDS[effect]} it {why}")
        return Refused(path, f"{self.who} may not {_WORDS[effect]} it")

    async def _tell(self, effect: Effect, path: Path, verdict: Verdict) -> None:
        if self._note is not None:
            await self._note(effect, path, verdict)
