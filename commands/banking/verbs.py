"""What ledgers do when they are asked: one verb at one mount, or at each that can."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from commands.banking.places import ledgers
from commands.command import Context
from vfs.action import Arguments
from vfs.errors import Unsupported
from vfs.node import Value
from vfs.path import Path

Answer = Mapping[str, Value]


async def asked(ctx: Context, ledger: Path, verb: str, arguments: Arguments) -> Answer:
    """What one ledger answers. Raises Unsupported when it has no such verb."""
    return (await ctx.tree.act(ledger, verb, arguments)).attrs


async def everywhere(ctx: Context, verb: str, arguments: Arguments) -> Sequence[tuple[Path, Answer]]:
    """What each ledger answers that has the verb. Raises Unsupported where none has."""
    found = []
    refused: Unsupported | None = None
    for ledger in ledgers(ctx):
        if verb in await ctx.tree.verbs(ledger):
            found.append((ledger, await asked(ctx, ledger, verb, arguments)))
        else:
            refused = Unsupported(ledger, f"has no verb `{verb}`")
    if not found and refused is not None:
        raise refused
    return found


def number(answer: Answer, name: str) -> int:
    """A count of an answer; 0 where it has none."""
    value = answer.get(name)
    return value if isinstance(value, int) else 0


def text(answer: Answer, name: str) -> str:
    value = answer.get(name)
    return value if isinstance(value, str) else ""


def texts(answer: Answer, name: str) -> tuple[str, ...]:
    """A list of texts of an answer."""
    value = answer.get(name)
    return tuple([str(one) for one in value]) if isinstance(value, tuple) else ()


def tuples(answer: Answer, name: str) -> Sequence[tuple[Value, ...]]:
    """A list of rows of an answer."""
    value = answer.get(name)
    return [one for one in value if isinstance(one, tuple)] if isinstance(value, tuple) else []
