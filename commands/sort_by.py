"""sort-by: records in the order of their fields."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import tzinfo

from commands.command import Arguments, Command, Complete, Context, Example, Shape, Usage, operand, switch
from commands.fields import Seen
from commands.stream import Io, Record
from commands.values import field_of, order_key

BATCH = 500
"""Records handed on at once."""


class SortByArguments(Arguments):
    RAW = True

    fields: list[str] = operand(
        "FIELD", many=True, help="what to sort by; -FIELD turns its order round", complete=Complete.FIELD
    )
    reverse: bool = switch("-r", "--reverse", help="largest, latest or last letter first")


async def run(ctx: Context, args: SortByArguments, io: Io) -> int:
    keys, reverse = _keys(args.words)
    seen = Seen(name for name, _ in keys)
    records: list[Record] = []
    async for batch in io.stdin.records():
        seen.look(batch)
        records.extend(batch)
    zone = ctx.now().tzinfo
    for name, descending in reversed(keys):
        records = _sorted(records, name, descending != reverse, zone)
    for start in range(0, len(records), BATCH):
        await io.stdout.put(records[start : start + BATCH])
    return await seen.report(io, "sort-by")


def _sorted(records: list[Record], name: str, descending: bool, zone: tzinfo | None) -> list[Record]:
    """Sorted by one field, stable; records without it last."""
    told = [record for record in records if field_of(record, name) is not None]
    missing = [record for record in records if field_of(record, name) is None]
    told.sort(key=lambda record: order_key(field_of(record, name), zone), reverse=descending)
    return told + missing


def _keys(words: Sequence[str]) -> tuple[list[tuple[str, bool]], bool]:
    """The fields, each with whether it descends, and whether all of it is turned round."""
    keys: list[tuple[str, bool]] = []
    reverse = False
    for at, word in enumerate(words):
        if word == "--":
            keys += [(name, False) for name in words[at + 1 :]]
            break
        if word in ("-r", "--reverse"):
            reverse = True
        elif word.startswith("--"):
            raise Usage(f"unknown option {word}", hint="run: sort-by --help")
        else:
            keys.append((word[1:], True) if len(word) > 1 and word[0] == "-" else (word, False))
    if not keys:
        raise Usage("missing operand FIELD", hint="for example: sort-by due -priority")
    return keys, reverse


COMMAND = Command(
    name="sort-by",
    summary="sort records by fields",
    args=SortByArguments,
    run=run,
    reads=Shape.RECORDS,
    writes=Shape.RECORDS,
    group="Records",
    description="Records that lack a field come last either way. Equal ones keep their order.",
    examples=(
        Example("ls /tasks | sort-by due", "what is due first"),
        Example("ls /tasks | sort-by -priority due", "the most important first, then by date"),
        Example("note list | sort-by size -r | first 5", "the five longest notes"),
    ),
)
