"""RunLog: every run, and every model call, tool call and effect in it, is a row before and after.

`providers.store.runs.StoreRuns` keeps them in the workspace's store; `MemoryRuns` is for sessions
that keep nothing. What a row holds was shown to, or asked by, a model: never a key. A signed link is a key to
one file; where one stood in what a model read, the log has it without its signature (`unsigned`).
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Protocol

from vfs.errors import NotFound
from vfs.logged import RunInfo, RunRecord, Step

_SIGNED = re.compile(r"(X-Amz-(?:Signature|Credential|Security-Token)=)[^&\s\"'<>)\\]+", re.IGNORECASE)


def unsigned(text: str) -> str:
    """`text`, its signed links without what makes them work."""
    return _SIGNED.sub(r"\1[secret]", text)


class RunLog(Protocol):
    """Where runs are kept. A call returns when its row is durable."""

    async def start_run(self, run: str, *, agent: str, actor: str, line: str, model: str, input: str) -> None:
        """A run begins: its row has the status `running`."""
        ...

    async def step_before(self, run: str, kind: str, name: str, before: str) -> int:
        """A step is about to happen; returns its number within the run, from 1."""
        ...

    async def step_after(
        self,
        run: str,
        seq: int,
        *,
        status: str,
        after: str = "",
        tokens_in: int = 0,
        tokens_out: int = 0,
        cost: Decimal = Decimal(0),
    ) -> None:
        """What came of a step."""
        ...

    async def finish_run(self, run: str, *, status: str, output: str) -> None:
        """The run has ended: `done`, `failed`, `cancelled`, `refused` or `stopped` (its budget)."""
        ...

    def runs(self) -> AsyncIterator[Sequence[RunInfo]]:
        """All runs in pages, newest first."""
        ...

    async def read_run(self, run: str) -> RunRecord:
        """The run whose id is, begins with or ends with `run`; "" is the last one.

        Raises NotFound, also when several ids fit."""
        ...


class MemoryRuns:
    """A log that ends with the process."""

    def __init__(self) -> None:
        self._runs: dict[str, RunRecord] = {}

    async def start_run(self, run: str, *, agent: str, actor: str, line: str, model: str, input: str) -> None:
        info = RunInfo(run, agent, datetime.now(UTC), None, "running", model, 0, Decimal(0))
        self._runs[run] = RunRecord(info, line, input, "", ())

    async def step_before(self, run: str, kind: str, name: str, before: str) -> int:
        kept = self._runs[run]
        seq = len(kept.steps) + 1
        step = Step(seq, kind, name, before, "", "begun", datetime.now(UTC), None, 0, 0, Decimal(0))
        self._runs[run] = kept._replace(steps=(*kept.steps, step))
        return seq

    async def step_after(
        self,
        run: str,
        seq: int,
        *,
        status: str,
        after: str = "",
        tokens_in: int = 0,
        tokens_out: int = 0,
        cost: Decimal = Decimal(0),
    ) -> None:
        kept = self._runs[run]
        steps = list(kept.steps)
        steps[seq - 1] = steps[seq - 1]._replace(
            status=status,
            after=after,
            ended=datetime.now(UTC),
            tokens_in=tokens_in,
            tokens_out=tokens_out,
            cost=cost,
        )
        self._runs[run] = kept._replace(steps=tuple(steps))

    async def finish_run(self, run: str, *, status: str, output: str) -> None:
        kept = self._runs[run]
        info = kept.info._replace(
            ended=datetime.now(UTC),
            status=status,
            tokens=sum(step.tokens_in + step.tokens_out for step in kept.steps),
            cost=sum((step.cost for step in kept.steps), Decimal(0)),
        )
        self._runs[run] = kept._replace(info=info, output=output)

    async def runs(self) -> AsyncIterator[Sequence[RunInfo]]:
        if self._runs:
            yield [kept.info for kept in reversed(self._runs.values())]

    async def read_run(self, run: str) -> RunRecord:
        found = [kept for key, kept in self._runs.items() if key.startswith(run) or key.endswith(run)]
        if run == "":
            found = found[-1:]
        if len(found) != 1:
            raise NotFound(run, "several runs fit" if found else "no such run", hint="run: agent runs")
        return found[0]
