"""search: ranked results over every mount, with a snippet of each."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, NamedTuple

from commands.command import (
    Arguments,
    Command,
    Complete,
    Context,
    Example,
    Reading,
    Shape,
    Usage,
    operand,
    option,
)
from commands.render.measure import fit, width
from commands.report import report
from commands.stream import Io, Record, Sink
from vfs.action import Effect
from vfs.errors import BadName
from vfs.node import Value
from vfs.path import ROOT, Path
from vfs.provider import Found, Hit
from vfs.query import parse_query
from vfs.visible import visible_line

if TYPE_CHECKING:
    from commands.phrases.when import When

SHOWN = 20
"""Results without `-n`."""

TITLE = 12
"""Columns that a title needs beside a path to be shown."""

_LEAD = re.compile(r"(?:#{1,6} |> |[-*+] (?:\[[ xX]\] )?|\| )(?=\S)")
"""Markdown's marks before a line's text."""

_NOUNS = {"agents": "agent", "files": "file", "mail": "message", "notes": "note", "tasks": "task"}


class SearchArguments(Arguments):
    RAW = True

    text: list[str] = operand("TEXT", many=True, help="what to look for", complete=Complete.NOTHING)
    limit: int = option(
        "-n", kind=int, metavar="N", default=SHOWN, help="show N results (default 20); 0 for all"
    )


class Question(NamedTuple):
    """The words of a search, read as a sentence."""

    text: str
    under: Path
    limit: int


async def run(ctx: Context, args: SearchArguments, io: Io) -> int:
    asked = await _question(args.words, ctx)
    query = parse_query(asked.text, partial(_period, ctx.now()))
    if not query.terms and not query.attributes:
        raise Usage("nothing to look for", hint='for example: search "invoice" in /notes')
    found = await ctx.tree.search(query, asked.under, asked.limit or 1_000_000_000)
    summary = _summary(found, asked)
    if io.stdout.tty:
        await io.stderr.line(f"{summary}:" if found.hits else summary)
        await io.stderr.flush()
        await _paint(io.stdout, found.hits)
    else:
        await io.stdout.put([_record(rank, hit) for rank, hit in enumerate(found.hits, 1)])
        await io.stdout.flush()
        await io.stderr.line(summary)
    for line in found.failed:
        await report(io, "search", f"not searched: {line}")
    if found.failed:
        return 3
    return 0 if found.hits else 1


def _period(now: datetime, words: str) -> str | None:
    """The days, or the moment, that `after:` and the like name in words: the last ones. Raises Usage."""
    try:
        dates = import_module("commands.dates")
        when: When = dates.read_phrase(words, now, lean=dates.BACK)
    except ValueError as reason:
        if getattr(reason, "readings", ()):
            raise Usage(str(reason)) from None
        return None
    if when.rule:
        return None
    start = when.start.isoformat()
    return start if not when.all_day else f"{start}..{(when.end or when.start).isoformat()}"


async def _question(words: Sequence[str], ctx: Context) -> Question:
    """`TEXT in PATH -n N` as its parts. A word with blanks was quoted: it is a phrase.

    Raises Usage, and NotFound for a PATH that is not there.
    """
    rest = list(words)
    limit = SHOWN
    for at, word in enumerate(rest[:-1]):
        if word in ("-n", "--limit") and rest[at + 1].isdecimal():
            limit = int(rest[at + 1])
            del rest[at : at + 2]
            break
    under = ROOT
    if len(rest) > 2 and rest[-2] == "in":
        place = await _place(rest[-1], ctx)
        if place is not None:
            under = place
            rest = rest[:-2]
    return Question(" ".join([_phrase(word) for word in rest]), under, limit)


async def _place(word: str, ctx: Context) -> Path | None:
    """The entry that `in WORD` names; None where the word is only a word."""
    path = ctx.resolve(word)
    if word.startswith(("/", "~", "./", "../")) or word in (".", ".."):
        await ctx.tree.stat(path)
        return path
    try:
        return path if await ctx.tree.exists(path) else None
    except BadName:
        return None


def _phrase(word: str) -> str:
    """A quoted word as the query's phrase, unless it is a query itself (`'invoice -paid'`)."""
    parts = word.split()
    is_query = '"' in word or any(part[0] == "-" or part.endswith("*") or ":" in part for part in parts)
    return word if len(parts) < 2 or is_query else f'"{word}"'


def _record(rank: int, hit: Hit) -> Record:
    title = hit.node.attrs.get("title")
    fields: dict[str, Value] = {
        "rank": rank,
        "path": str(hit.path),
        "name": hit.node.name,
        "title": title if isinstance(title, str) else None,
        "snippet": hit.snippet,
        "score": round(hit.score, 4),
        "mtime": hit.node.mtime,
        "size": hit.node.size,
    }
    fields.update(_further(hit.node.attrs, fields))
    return Record(_line(f"{hit.path}: {hit.snippet}" if hit.snippet else str(hit.path)), fields, hit.path)


def _further(attrs: Mapping[str, Value], known: Mapping[str, Value]) -> Mapping[str, Value]:
    return {name: value for name, value in attrs.items() if name not in known}


def _line(text: str) -> str:
    return " ".join(text.splitlines())


async def _paint(sink: Sink, hits: Sequence[Hit]) -> None:
    digits = len(str(len(hits)))
    indent = " " * (digits + 2)
    for rank, hit in enumerate(hits, 1):
        path = visible_line(str(hit.path))
        spans = [(f"{rank:>{digits}}. ", "dim")]
        title, writer, snippet = hit.node.attrs.get("title"), hit.node.attrs.get("from"), hit.snippet
        room = sink.width - len(indent) - width(path) - 2
        if isinstance(title, str) and isinstance(writer, str):
            spans += [*_letter(title, writer, sink.width - len(indent)), ("\n", "")]
            spans += [(indent, ""), (path, "blue")]
            snippet = "" if snippet == f"Subject: {title}" else snippet
        else:
            spans.append((path, "bold blue"))
            if isinstance(title, str) and title and room > TITLE:
                spans.append((f"  {fit(visible_line(title), room)}", ""))
                snippet = "" if snippet in (f"title: {title}", f"# {title}") else snippet
        spans.append(("\n", ""))
        if snippet:
            spans += [(indent, ""), *_marked(hit, sink.width - len(indent)), ("\n", "")]
        await sink.paint(spans)


def _letter(title: str, writer: str, room: int) -> list[tuple[str, str]]:
    """What a message is about, and who wrote it, within `room` columns."""
    source = f" from {visible_line(writer)}" if writer else ""
    source = fit(source, max(room // 2, room - width(visible_line(title)) - 2))
    return [(f'"{fit(visible_line(title), max(TITLE, room - width(source) - 2))}"', "bold"), (source, "")]


def _marked(hit: Hit, room: int) -> list[tuple[str, str]]:
    """The snippet within `room` columns, its first match among them, its matches set off."""
    shown: list[tuple[str, str]] = []
    at = lead.end() if (lead := _LEAD.match(hit.snippet)) else 0
    for start, stop in hit.spans:
        if at <= start < stop <= len(hit.snippet):
            shown += [
                (visible_line(hit.snippet[at:start]), ""),
                (visible_line(hit.snippet[start:stop]), "bold yellow"),
            ]
            at = stop
    shown.append((visible_line(hit.snippet[at:]), ""))
    if len(shown) > 1:
        shown[0] = (_last_part(shown[0][0], room - width(shown[1][0]) - min(room // 3, 20)), "")
    return _fitting(shown, room)


def _last_part(text: str, room: int) -> str:
    """The end of a text in so many columns, from the beginning of a word."""
    if width(text) <= room:
        return text
    kept = ""
    for word in reversed(text.split(" ")):
        longer = f"{word} {kept}" if kept or text.endswith(" ") else word
        if width(longer) + 1 > room:
            break
        kept = longer
    return f"…{kept}"


def _fitting(spans: Sequence[tuple[str, str]], room: int) -> list[tuple[str, str]]:
    """As much of painted text as fits."""
    kept: list[tuple[str, str]] = []
    for text, style in spans:
        if width(text) > room:
            return [*kept, (fit(text, room), style)] if room > 0 else kept
        kept.append((text, style))
        room -= width(text)
    return kept


def _summary(found: Found, asked: Question) -> str:
    """`Found 3 notes`, and what more there is to say of them."""
    shown = len(found.hits)
    total = max(found.total, shown) if found.total is not None else None
    whole = total is not None and total <= shown
    tops = (
        {hit.path.parts[0] for hit in found.hits if hit.path.parts} if whole else set(asked.under.parts[:1])
    )
    noun = _noun(tops, total if total is not None else shown)
    if not shown:
        text = f"Found nothing for {visible_line(asked.text)}" + (
            f" in {visible_line(str(asked.under))}" if asked.under != ROOT else ""
        )
    elif total is None and shown >= asked.limit > 0:
        text = f"Found {shown:,} {noun} or more (-n 0 for all)"
    elif total is None:
        text = f"Found {shown:,} {noun}"
    elif total > shown:
        text = f"Found {total:,} {noun}, here the best {shown:,} (-n 0 for all)"
    else:
        text = f"Found {total:,} {noun}"
    return f"{text} ({visible_line(found.remark)})" if found.remark else text


def _noun(tops: set[str], count: int) -> str:
    """What was found, in one word: notes when all of it lies in /notes."""
    one = _NOUNS.get(next(iter(tops)), "result") if len(tops) == 1 else "result"
    return one if count == 1 else f"{one}s"


COMMAND = Command(
    name="search",
    summary="find text in everything, best results first",
    args=SearchArguments,
    run=run,
    effects=Effect.READ,
    writes=Shape.RECORDS,
    reading=Reading.TEXT,
    group="Finding",
    description="""
search TEXT [in PATH] [-n N]: all words must be there, in any form of accents and case. "quoted words"
stand next to each other, -word must not be there, begin* is how a word begins. tag:home, from:ada,
name:plan, after:2024-01-01, before:2024-06 and on:today look at attributes; so do dates in words, of
which the last is meant: after:monday, 'on:"last week"'. All else is plain text.

Results are records: search invoice | where size > 1k | select path. The exit status is 1 when nothing
was found, 3 when a mount could not be searched.
""",
    examples=(
        Example('search "invoice" in /', "everywhere"),
        Example("search budget -draft in /notes", "notes with the one word and without the other"),
        Example("search invoice | first 3 | select path", "where the three best results are"),
    ),
)
