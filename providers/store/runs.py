"""What agents did: a row for every run, and one for every model call, tool call and effect in it.

A step is written before it happens and completed after, so that a killed run shows how far it came.

    start_run     a run begins, with the status `running`
    step_before   a step is about to happen; gives its number
    step_after    what came of it
    finish_run    how the run ended
    runs, read_run, usage    what `agent runs`, `agent log`, `/agents/runs` and `/sys/usage` show
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Iterable, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from providers.store.many import together
from providers.store.rows import from_time, to_time
from vfs.errors import NotFound
from vfs.logged import RunInfo, RunRecord, Step

if TYPE_CHECKING:
    from providers.store.store import Connection, Row, Store

PAGE = 200
_NEVER = Decimal(0)

_RUN = "id, agent, started_at, ended_at, status, model, line, input, output"
_SPENT = "SELECT run_id, tokens_in + tokens_out, cost FROM step WHERE user_id = ? AND run_id IN (%s)"
_STEPS = (
    "SELECT run_id, seq, kind, name, before, after, status, started_at, ended_at, tokens_in, tokens_out, cost"
    " FROM step WHERE user_id = ? AND run_id IN (%s) ORDER BY run_id, seq"
)


class Usage(NamedTuple):
    """What an agent used of a model on one day (UTC)."""

    day: str
    agent: str
    model: str
    runs: int
    calls: int
    tokens_in: int
    tokens_out: int
    cost: Decimal


class StoreRuns:
    """The runs of a workspace, in its store. A call returns when its row is durable."""

    def __init__(self, store: Store) -> None:
        self.store = store

    async def start_run(self, run: str, *, agent: str, actor: str, line: str, model: str, input: str) -> None:
        texts = [_kept(text) for text in (run, agent, actor, line, model)]
        row: tuple[str | int | None, ...] = (
            self.store.user, *texts, "running", _now(), _kept(input), ""
        )  # fmt: skip
        await self._change(
            "INSERT INTO run (user_id, id, agent, actor, line, model, status, started_at, input, output)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            row,
        )

    async def step_before(self, run: str, kind: str, name: str, before: str) -> int:
        user = self.store.user

        def add(connection: Connection) -> int:
            last = connection.execute(
                "SELECT max(seq) FROM step WHERE user_id = ? AND run_id = ?", (user, run)
            ).fetchone()[0]
            seq = 1 + (last or 0)
            connection.execute(
                "INSERT INTO step (user_id, run_id, seq, kind, name, status, started_at, before, after,"
                " tokens_in, tokens_out, cost) VALUES (?, ?, ?, ?, ?, 'begun', ?, ?, '', 0, 0, '0')",
                (user, run, seq, _kept(kind), _kept(name), _now(), _kept(before)),
            )
            return seq

        return await self.store.write(add)

    async def step_after(
        self,
        run: str,
        seq: int,
        *,
        status: str,
        after: str = "",
        tokens_in: int = 0,
        tokens_out: int = 0,
        cost: Decimal = _NEVER,
    ) -> None:
        await self._change(
            "UPDATE step SET status = ?, after = ?, tokens_in = ?, tokens_out = ?, cost = ?, ended_at = ?"
            " WHERE user_id = ? AND run_id = ? AND seq = ?",
            (status, _kept(after), tokens_in, tokens_out, str(cost), _now(), self.store.user, run, seq),
        )

    async def finish_run(self, run: str, *, status: str, output: str) -> None:
        await self._change(
            "UPDATE run SET status = ?, output = ?, ended_at = ? WHERE user_id = ? AND id = ?",
            (status, _kept(output), _now(), self.store.user, run),
        )

    async def _change(self, sql: str, values: tuple[str | int | None, ...]) -> None:
        await self.store.write(lambda connection: connection.execute(sql, values))

    # -- looking

    async def runs(self) -> AsyncIterator[Sequence[RunInfo]]:
        """All runs in pages, the newest first."""
        before = (1 << 62, "")
        while True:
            page = await self.store.read(lambda connection, before=before: self._page(connection, before))  # type: ignore[misc]
            if page:
                yield page
            if len(page) < PAGE:
                return
            before = (from_time(page[-1].started), page[-1].id)

    def _page(self, connection: Connection, before: tuple[int, str]) -> list[RunInfo]:
        found = connection.execute(
            "SELECT id, agent, started_at, ended_at, status, model FROM run"
            " WHERE user_id = ? AND (started_at, id) < (?, ?) ORDER BY started_at DESC, id DESC LIMIT ?",
            (self.store.user, *before, PAGE),
        ).fetchall()
        spent: dict[str, list[tuple[int, str]]] = {row[0]: [] for row in found}
        for sql, some in together(_SPENT, list(spent)):
            for run, used, price in connection.execute(sql, [self.store.user, *some]):
                spent[run].append((used, price))
        return [_info(spent[row[0]], *row) for row in found]

    async def read_run(self, run: str) -> RunRecord:
        """The run whose id is, or begins or ends with, `run`; "" is the last one.

        Raises NotFound, also when several are meant.
        """
        return await self.store.read(lambda connection: self._read(connection, _kept(run)))

    def _read(self, connection: Connection, run: str) -> RunRecord:
        meant = "(id = ? OR substr(id, 1, ?) = ? OR substr(id, length(id) - ? + 1) = ?)"
        found = connection.execute(
            f"SELECT {_RUN} FROM run WHERE user_id = ? AND {meant} ORDER BY started_at DESC, id DESC LIMIT 2",
            (self.store.user, run, len(run), run, len(run), run),
        ).fetchall()
        if not found or (len(found) > 1 and run and found[0][0] != run):
            reason = "several runs begin or end so" if found else "no such run"
            raise NotFound(run, reason, hint="run: agent runs")
        return self._records(connection, found[:1])[0]

    def _records(self, connection: Connection, found: Sequence[Row]) -> list[RunRecord]:
        """Runs with their steps."""
        steps: dict[str, list[Step]] = {row[0]: [] for row in found}
        for sql, some in together(_STEPS, list(steps)):
            for run, *columns in connection.execute(sql, [self.store.user, *some]):
                steps[run].append(_step(*columns))
        records = []
        for *info, line, given, output in found:
            own = steps[info[0]]
            spent = [(step.tokens_in + step.tokens_out, step.cost) for step in own]
            records.append(RunRecord(_info(spent, *info), line, given, output, own))
        return records

    async def find_run(self, id: str) -> RunRecord | None:
        """The run with exactly this id."""

        def find(connection: Connection) -> RunRecord | None:
            sql = f"SELECT {_RUN} FROM run WHERE user_id = ? AND id = ?"
            found = connection.execute(sql, (self.store.user, _kept(id))).fetchall()
            return self._records(connection, found)[0] if found else None

        return await self.store.read(find)

    async def by_id(self) -> AsyncIterator[Sequence[RunRecord]]:
        """All runs in the order of their ids, in pages."""
        last = ""
        while True:

            def page(connection: Connection, last: str = last) -> list[RunRecord]:
                sql = f"SELECT {_RUN} FROM run WHERE user_id = ? AND id > ? ORDER BY id LIMIT ?"
                found = connection.execute(sql, (self.store.user, last, PAGE)).fetchall()
                return self._records(connection, found)

            runs = await self.store.read(page)
            if runs:
                yield runs
            if len(runs) < PAGE:
                return
            last = runs[-1].info.id

    async def usage(self) -> Sequence[Usage]:
        """What was used, by day, agent and model; the newest day first."""
        return await self.store.read(self._usage)

    def _usage(self, connection: Connection) -> list[Usage]:
        sums: dict[tuple[str, str, str], list[Decimal]] = {}
        runs: dict[tuple[str, str, str], set[str]] = {}
        rows = connection.execute(
            "SELECT r.started_at, r.agent, r.model, r.id, s.kind, s.tokens_in, s.tokens_out, s.cost"
            " FROM run r LEFT JOIN step s ON s.user_id = r.user_id AND s.run_id = r.id WHERE r.user_id = ?",
            (self.store.user,),
        )
        for started, agent, model, run, kind, tokens_in, tokens_out, cost in rows:
            key = (to_time(started).date().isoformat(), agent, model)
            runs.setdefault(key, set()).add(run)
            total = sums.setdefault(key, [Decimal(0)] * 4)
            for at, value in enumerate((int(kind == "model"), tokens_in or 0, tokens_out or 0, cost or 0)):
                total[at] += Decimal(value)
        return [
            Usage(*key, len(runs[key]), int(calls), int(tokens_in), int(tokens_out), cost)
            for key, (calls, tokens_in, tokens_out, cost) in sorted(sums.items(), reverse=True)
        ]


def _info(
    spent: Iterable[tuple[int, str | Decimal]],
    id: str,
    agent: str,
    started: int,
    ended: int | None,
    status: str,
    model: str,
) -> RunInfo:
    tokens, cost = 0, Decimal(0)
    for used, price in spent:
        tokens += used
        cost += Decimal(price)
    over = None if ended is None else to_time(ended)
    return RunInfo(id, agent, to_time(started), over, status, model, tokens, cost)


def _step(
    seq: int,
    kind: str,
    name: str,
    before: str,
    after: str,
    status: str,
    started: int,
    ended: int | None,
    tokens_in: int,
    tokens_out: int,
    cost: str,
) -> Step:
    over = None if ended is None else to_time(ended)
    return Step(
        seq, kind, name, before, after, status, to_time(started), over, tokens_in, tokens_out, Decimal(cost)
    )


def _now() -> int:
    return time.time_ns() // 1000


def _kept(text: str) -> str:
    """Text as every database can hold it: UTF-8 without NUL."""
    return text.encode("utf-8", "replace").decode().replace("\0", "\ufffd")
