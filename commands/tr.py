"""tr: bytes of its input replaced, deleted or squeezed."""

from __future__ import annotations

import re

from commands.command import Arguments, Command, Complete, Context, Example, Shape, Usage, operand, switch
from commands.stream import Io
from commands.text.charset import CharSet, charset


class Args(Arguments):
    set1: str = operand(
        "SET1", help="what to look for: abc, a-z, [:upper:], \\n, \\012", complete=Complete.NOTHING
    )
    set2: str | None = operand("SET2", required=False, help="what to put there", complete=Complete.NOTHING)
    delete: bool = switch("-d", "--delete", help="delete what is in SET1")
    squeeze: bool = switch("-s", "--squeeze-repeats", help="print repeats of what is in the last set once")
    complement: bool = switch("-c", "-C", "--complement", help="all but SET1")
    truncate: bool = switch("-t", "--truncate-set1", help="use no more of SET1 than SET2 is long")


async def run(ctx: Context, args: Args, io: Io) -> int:
    table, deleted, squeezed = _plan(args)
    repeats = _repeats(squeezed) if squeezed else None
    last = b""
    async for block in io.stdin.blocks():
        out = block.translate(table, deleted)
        if repeats is not None and out:
            out = repeats.sub(rb"\1", last + out)[len(last) :]
            last = out[-1:] or last
        if out:
            await io.stdout.write(out)
    return 0


def _plan(args: Args) -> tuple[bytes | None, bytes, bytes]:
    """The table to translate by, what to delete, and what to squeeze."""
    first = charset(args.set1)
    if first.fill is not None:
        raise Usage("the [c*] repeat construct may not appear in string1")
    members = sorted(set(range(256)) - set(first.members)) if args.complement else first.members
    if args.set2 is None:
        if not args.delete and not args.squeeze:
            raise Usage(f"missing operand SET2 after '{args.set1}'")
        if args.delete and args.squeeze:
            raise Usage(f"missing operand SET2 after '{args.set1}'")
        return None, bytes(set(members)) if args.delete else b"", b"" if args.delete else bytes(set(members))
    second = charset(args.set2)
    if args.delete:
        if not args.squeeze:
            raise Usage(f"extra operand '{args.set2}'", hint="only one set goes with -d without -s")
        return None, bytes(set(members)), bytes(set(second.filled(len(members))))
    targets = second.filled(len(members))
    if args.complement and second.classes:
        raise Usage("when translating with complemented classes, SET2 must map all to one")
    table = _table(members, targets, args.truncate, _cases(first, second, args))
    return table, b"", bytes(set(targets)) if args.squeeze else b""


def _cases(first: CharSet, second: CharSet, args: Args) -> bool:
    """Whether SET2 changes the case of classes in SET1. Raises Usage for classes that cannot be targets."""
    if second.classes and not args.squeeze:
        raise Usage("the only classes that may stand in SET2 are 'upper' and 'lower'")
    if not second.cases:
        return False
    places = dict(first.cases)
    if any(place not in places for place, _ in second.cases):
        raise Usage("misaligned [:upper:] and/or [:lower:] construct")
    return True


def _table(members: list[int], targets: list[int], truncate: bool, cases: bool) -> bytes:
    if truncate:
        members = members[: len(targets)]
    elif not targets:
        raise Usage("when not truncating SET1, SET2 must not be empty")
    elif len(targets) < len(members):
        targets = [*targets, *[targets[-1]] * (len(members) - len(targets))]
    table = bytearray(range(256))
    for source, target in zip(members, targets, strict=False):
        if not (cases and source == target):
            table[source] = target
    return bytes(table)


def _repeats(squeezed: bytes) -> re.Pattern[bytes]:
    inside = b"".join([b"\\x%02x" % code for code in squeezed])
    return re.compile(b"([" + inside + rb"])\1+")


COMMAND = Command(
    "tr",
    "replace, delete or squeeze characters",
    Args,
    run,
    reads=Shape.BYTES,
    group="Text",
    misuse=1,
    examples=[
        Example("echo hello | tr a-z A-Z", "upper case", "HELLO\n"),
        Example("echo 'a  b   c' | tr -s ' '", "several spaces as one", "a b c\n"),
        Example("echo a1b2 | tr -d '[:digit:]'", "without digits", "ab\n"),
    ],
)
