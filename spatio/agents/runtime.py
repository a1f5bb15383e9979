"""Run: one run of an agent against a model: material in, tools in the middle, the answer out.

    material that fits      one conversation: messages -> tool calls -> results -> ... -> the answer
    material that does not  each part by itself, some at a time, then the results combined, in rounds

Each call of the model and of a tool is a row of the log before it happens and after. A run ends with
its answer, or at a limit of its budget, or because it goes in circles; then it says what it has done.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from decimal import Decimal
from typing import NamedTuple

from commands.command import Failure
from spatio.agents import prompts
from spatio.agents.chunk import Piece, parts_of, tokens_of
from spatio.agents.log import RunLog, unsigned
from spatio.agents.model import Answer, Message, Models, Outlet, ToolCall, TooLong
from spatio.agents.spec import AgentSpec, Budget
from spatio.agents.tools import Toolbox

AT_ONCE = 4
"""Parts that are worked on at the same time."""

SAME = 3
"""The same call with the same result, so often, means going in circles."""

BAD = 3
"""Calls in a row that could not even be read."""

CALLS = 16
"""Tool calls that one answer may hold."""

ROUNDS = 6


class Stopped(Failure):
    """The run ended before its answer: a limit, or a circle."""


class Silent:
    """An outlet for answers that nobody watches."""

    reached = False

    async def feed(self, text: str) -> None:
        return None

    def reset(self) -> None:
        return None


class Spent(NamedTuple):
    """What a run has used up."""

    tokens: int = 0
    cost: Decimal = Decimal(0)
    steps: int = 0


class Run:
    """One run. `tell` gets lines of progress."""

    def __init__(
        self,
        id: str,
        spec: AgentSpec,
        models: Models,
        log: RunLog,
        system: Message,
        mark: str,
        *,
        tools: Toolbox | None,
        tell: Callable[[str], Awaitable[None]],
    ) -> None:
        self.id = id
        self.spec = spec
        self.models = models
        self.log = log
        self.tools = tools
        self.spent = Spent()
        self.deeds: list[str] = []
        self._system = system
        self._mark = mark
        self._tell = tell
        self._schemas = tools.schemas() if tools is not None else []
        self._schema = prompts.schema(spec.fields) if spec.fields else None
        fixed = tokens_of(str(system["content"])) + tokens_of(str(self._schemas))
        reserve = min(self.models.window // 4, 8_000) + (self.models.window // 4 if self._schemas else 0)
        self.room = max(self.models.window - fixed - reserve - 200, 256)
        """Tokens of material that one call takes."""

    async def answer(self, words: str, pieces: Sequence[Piece], outlet: Outlet) -> str:
        """The answer, whole; also fed to `outlet` as it comes. Raises Stopped, ModelFailed, TooLong."""
        while True:
            try:
                return await self._at_size(words, pieces, outlet)
            except TooLong:
                if outlet.reached or self.room < 512:
                    raise
                outlet.reset()
                self.room //= 2
                await self._tell("too long for the model; going on in smaller parts")

    def charge(self, spent: Spent) -> None:
        """What an agent inside this one has used up counts here as well."""
        self.spent = self.spent._replace(
            tokens=self.spent.tokens + spent.tokens, cost=self.spent.cost + spent.cost
        )

    def left(self) -> Budget:
        """What is left of the budget."""
        budget = self.spec.budget
        return Budget(
            max(budget.tokens - self.spent.tokens, 0),
            max(budget.cost - self.spent.cost, Decimal(0)),
            max(budget.steps - self.spent.steps, 0),
            budget.minutes,
        )

    async def _at_size(self, words: str, pieces: Sequence[Piece], outlet: Outlet) -> str:
        total = sum(tokens_of(piece.text) for piece in pieces)
        if total > self.spec.budget.tokens:
            reason = (
                f"the material is about {total} tokens, more than its budget of {self.spec.budget.tokens}"
            )
            raise self._stopped(reason)
        groups = parts_of(pieces, self.room - tokens_of(words))
        if len(groups) <= 1:
            message = prompts.user(self._mark, words, groups[0] if groups else ())
            return await self._converse(message, outlet, tools=True)
        results = await self._each(words, groups)
        if self.spec.fields:
            return "\n".join(results)
        return await self._combined(words, results, outlet)

    # -- parts

    async def _each(self, words: str, groups: Sequence[Sequence[Piece]], *, round: int = 1) -> list[str]:
        """The results for all parts, in order, AT_ONCE of them under way."""
        turn = asyncio.Semaphore(AT_ONCE)
        count = len(groups)

        async def one(at: int, group: Sequence[Piece]) -> str:
            async with turn:
                await self._tell(f"part {at} of {count}" + (f", round {round}" if round > 1 else ""))
                note = prompts.PART.format(at=at, count=count)
                message = prompts.user(self._mark, words, group, note)
                return await self._converse(message, Silent(), tools=False)

        tasks = []
        try:
            async with asyncio.TaskGroup() as work:
                tasks = [work.create_task(one(at, group)) for at, group in enumerate(groups, 1)]
        except BaseExceptionGroup as group:
            raise group.exceptions[0] from None
        return [task.result() for task in tasks]

    async def _combined(self, words: str, results: Sequence[str], outlet: Outlet) -> str:
        """The results of the parts as one answer, in as many rounds as it takes."""
        for round in range(2, ROUNDS + 1):
            pieces = [Piece(f"result {at}", text) for at, text in enumerate(results, 1)]
            groups = parts_of(pieces, self.room - tokens_of(words))
            note = prompts.COMBINE.format(count=len(pieces))
            if len(groups) <= 1:
                return await self._converse(
                    prompts.user(self._mark, words, pieces, note), outlet, tools=False
                )
            shorter = await self._each(f"{words}\n{note}".strip(), groups, round=round)
            if sum(map(len, shorter)) > 0.9 * sum(map(len, results)):
                results = shorter
                break
            results = shorter
        await self._tell("the results of the parts do not get shorter; they follow one after the other")
        text = "\n\n".join(result.strip() for result in results)
        await outlet.feed(text)
        return text

    # -- one conversation

    async def _converse(self, message: Message, outlet: Outlet, *, tools: bool) -> str:
        messages = [self._system, message]
        schemas = self._schemas if tools else []
        seen: Counter[tuple[str, str, str]] = Counter()
        bad = 0
        while True:
            last = self.spent.steps >= self.spec.budget.steps - 1 and bool(schemas) and len(messages) > 2
            if last:
                messages.append({"role": "user", "content": prompts.LAST})
            self._make_room(messages)
            answer = await self._ask(messages, outlet, [] if last else schemas, counts=tools)
            if not answer.calls:
                return self._whole(answer)
            if last or not schemas:
                raise self._stopped(f"it used up its budget of {self.spec.budget.steps} steps")
            outlet.reset()
            messages.append(_assistant(answer))
            for at, call in enumerate(answer.calls):
                if at >= CALLS:
                    text, how = f"error: more than {CALLS} calls at once; call again", "failed"
                else:
                    text, how = await self._use(call)
                messages.append({"role": "tool", "tool_call_id": call.id, "content": self._data(call, text)})
                bad = bad + 1 if how == "failed" else 0
                seen[(call.name, call.arguments, text)] += 1
            if bad >= BAD:
                raise self._stopped("its calls of tools cannot be carried out")
            if max(seen.values()) >= SAME:
                raise self._stopped("it goes in circles: the same call, with the same result")

    async def _ask(
        self, messages: Sequence[Message], outlet: Outlet, schemas: Sequence[Message], *, counts: bool
    ) -> Answer:
        """One call of the model, within the budget; the parts of a long material are no steps."""
        budget, spent = self.spec.budget, self.spent
        if counts and spent.steps >= budget.steps:
            raise self._stopped(f"it used up its budget of {budget.steps} steps")
        coming = sum(tokens_of(str(message.get("content") or "")) for message in messages)
        if spent.tokens + coming > budget.tokens:
            raise self._stopped(f"it used up its budget of {budget.tokens} tokens")
        if spent.cost >= budget.cost:
            raise self._stopped(f"it used up its budget of ${budget.cost}")
        self.spent = spent._replace(steps=spent.steps + counts)
        asked = str(messages[-1].get("content") or "")
        seq = await self.log.step_before(self.id, "model", self.models.name, unsigned(asked[:20_000]))
        try:
            answer = await self.models.ask(messages, outlet, tools=schemas, schema=self._schema)
        except BaseException as error:
            how = "cancelled" if isinstance(error, asyncio.CancelledError) else f"{error}"
            await asyncio.shield(self.log.step_after(self.id, seq, status="failed", after=how[:2_000]))
            raise
        self.spent = self.spent._replace(
            tokens=self.spent.tokens + answer.tokens_in + answer.tokens_out,
            cost=self.spent.cost + answer.cost,
        )
        said = answer.text or "; ".join(f"{call.name} {call.arguments}" for call in answer.calls)
        await self.log.step_after(
            self.id, seq, status="done", after=unsigned(said), tokens_in=answer.tokens_in,
            tokens_out=answer.tokens_out, cost=answer.cost,
        )  # fmt: skip
        return answer

    async def _use(self, call: ToolCall) -> tuple[str, str]:
        if self.tools is None:
            return "error: there are no tools", "failed"
        seq = await self.log.step_before(self.id, "tool", call.name[:100], unsigned(call.arguments[:20_000]))
        await self._tell(f"{call.name} {call.arguments}"[:200])
        try:
            text, how = await self.tools.call(call)
        except BaseException as error:
            await asyncio.shield(self.log.step_after(self.id, seq, status="failed", after=f"{error}"[:2_000]))
            raise
        await self.log.step_after(self.id, seq, status=how, after=unsigned(text))
        return text, how

    def _data(self, call: ToolCall, text: str) -> str:
        return prompts.quoted(self._mark, f"result of {call.name[:60]}", text)

    def _make_room(self, messages: list[Message]) -> None:
        """Old results of tools give way when the conversation outgrows the window."""
        most = self.models.window - min(self.models.window // 4, 8_000)
        size = sum(tokens_of(str(message)) for message in messages)
        for message in messages[2:-2]:
            if size <= most:
                return
            if message.get("role") == "tool":
                size -= tokens_of(str(message["content"]))
                message["content"] = "(dropped to save room; call again if it is needed)"

    def _whole(self, answer: Answer) -> str:
        if answer.finish == "length":
            raise self._stopped("the model's answer was cut off at its greatest length")
        if answer.finish == "content_filter":
            raise self._stopped("the endpoint withheld the answer")
        return answer.text

    def _stopped(self, reason: str) -> Stopped:
        done = f" after {self.spent.steps} steps" if self.spent.steps else ""
        deeds = f"; it did: {', '.join(self.deeds[:10])}" if self.deeds else "; it changed nothing"
        more = f" and {len(self.deeds) - 10} more" if len(self.deeds) > 10 else ""
        return Stopped(f"{self.spec.name} stopped{done}: {reason}{deeds}{more}")


def _assistant(answer: Answer) -> Message:
    calls = [
        {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": call.arguments}}
        for call in answer.calls
    ]
    return {"role": "assistant", "content": answer.text or None, "tool_calls": calls}
