"""Models: asking a model over the OpenAI protocol, and what is done when that fails.

    busy, broken or silent (408, 409, 425, 429, 5xx, a cut or garbled stream, an empty answer)
        the same endpoint again, after what Retry-After says or a growing random pause; then the next
    no account, no credit, no such model (401, 403, 404, quota)
        the next endpoint
    anything else (400, 422)
        an error, at once

An endpoint that failed whole three times running is left out for a while (half a minute), unless
there is no other. Once a part of the answer has reached the user, nothing is tried again: half of
one answer and half of another would be worse than an error.
"""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from email.utils import parsedate_to_datetime
from typing import Any, NamedTuple, Protocol

import httpx2
import openai

from commands.command import Failure
from spatio.agents.chunk import tokens_of
from spatio.agents.endpoints import Endpoint
from spatio.secrets import redact
from vfs.visible import visible_line

ATTEMPTS = 4
LONGEST_PAUSE = 30.0
OPEN_AFTER = 3
OPEN_FOR = 30.0

Message = dict[str, Any]


class ToolCall(NamedTuple):
    """A tool that the model wants to be called, its arguments as the model wrote them."""

    id: str
    name: str
    arguments: str


class Answer(NamedTuple):
    """What came back."""

    text: str
    calls: tuple[ToolCall, ...]
    finish: str
    """`stop`, `tool_calls`, `length` (it was cut off), `content_filter`."""
    model: str
    """ENDPOINT:MODEL."""
    tokens_in: int
    tokens_out: int
    cost: Any
    """Dollars, as Decimal."""


class Outlet(Protocol):
    """Where the text of an answer goes as it comes."""

    @property
    def reached(self) -> bool:
        """Whether the user has seen any of it."""
        ...

    async def feed(self, text: str) -> None: ...

    def reset(self) -> None:
        """What was fed and has not reached the user is void."""
        ...


class ModelFailed(Failure):
    """No endpoint gave an answer. The status says why: 75 later, 77 log in, 124 too slow, 1 else."""


class TooLong(Failure):
    """The question does not fit into the model's window."""


class Trouble(Exception):
    """One attempt failed. `again`: the same endpoint may do better; `pause`: not before that."""

    def __init__(self, reason: str, *, status: int, again: bool, onward: bool = True, pause: float = 0.0):
        super().__init__(reason)
        self.status = status
        self.again = again
        self.onward = onward
        self.pause = pause


class Breaker:
    """Counts an endpoint's failures in a row."""

    def __init__(self) -> None:
        self.failures = 0
        self.until = 0.0

    def is_open(self, now: float) -> bool:
        return now < self.until

    def failed(self, now: float) -> None:
        self.failures += 1
        if self.failures >= OPEN_AFTER:
            self.until = now + OPEN_FOR

    def worked(self) -> None:
        self.failures, self.until = 0, 0.0


class Models:
    """The endpoints of a run, tried in order. `tell` gets a line about each retry."""

    def __init__(
        self,
        endpoints: Sequence[Endpoint],
        *,
        tell: Callable[[str], Awaitable[None]],
        breakers: dict[str, Breaker] | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.endpoints = list(endpoints)
        self._tell = tell
        self._breakers = {} if breakers is None else breakers
        self._sleep = sleep
        self._clock = clock
        self._clients: dict[str, openai.AsyncOpenAI] = {}

    @property
    def window(self) -> int:
        """Tokens that fit into a call of any of them."""
        return min(endpoint.window for endpoint in self.endpoints)

    @property
    def name(self) -> str:
        first = self.endpoints[0]
        return f"{first.name}:{first.model}"

    async def aclose(self) -> None:
        clients, self._clients = list(self._clients.values()), {}
        for client in clients:
            await client.close()

    async def ask(
        self,
        messages: Sequence[Message],
        outlet: Outlet,
        *,
        tools: Sequence[Message] = (),
        schema: Message | None = None,
    ) -> Answer:
        """The model's answer, its text also fed to `outlet` as it comes. Raises ModelFailed, TooLong."""
        wrong: list[tuple[Endpoint, Trouble]] = []
        for endpoint in self._in_order():
            breaker = self._breakers.setdefault(endpoint.name, Breaker())
            try:
                answer = await self._persist(endpoint, messages, outlet, tools, schema)
            except Trouble as trouble:
                wrong.append((endpoint, trouble))
                if trouble.again:
                    breaker.failed(self._clock())
                if outlet.reached or not trouble.onward:
                    break
                continue
            breaker.worked()
            return answer
        raise _failed(wrong, outlet.reached)

    def _in_order(self) -> list[Endpoint]:
        now = self._clock()
        healthy = [
            endpoint
            for endpoint in self.endpoints
            if endpoint.name not in self._breakers or not self._breakers[endpoint.name].is_open(now)
        ]
        return healthy or self.endpoints

    async def _persist(
        self,
        endpoint: Endpoint,
        messages: Sequence[Message],
        outlet: Outlet,
        tools: Sequence[Message],
        schema: Message | None,
    ) -> Answer:
        """One endpoint, several times if need be. Raises Trouble."""
        extras: Message = {"stream_options": {"include_usage": True}}
        if tools:
            extras["tools"] = list(tools)
        if schema is not None:
            wanted = {"name": "answer", "schema": schema, "strict": True}
            extras["response_format"] = {"type": "json_schema", "json_schema": wanted}
        attempt = 1
        while True:
            try:
                return await self._once(endpoint, messages, outlet, extras)
            except _Unknown as unknown:
                outlet.reset()
                del extras[unknown.option]
            except Trouble as trouble:
                if outlet.reached or not trouble.again or attempt >= ATTEMPTS:
                    raise
                if trouble.pause > LONGEST_PAUSE:
                    raise
                outlet.reset()
                pause = trouble.pause or _pause(attempt)
                attempt += 1
                await self._tell(f"{endpoint.name}: {trouble}; trying again in {pause:.1f} s")
                await self._sleep(pause)

    async def _once(
        self, endpoint: Endpoint, messages: Sequence[Message], outlet: Outlet, extras: Message
    ) -> Answer:
        client: Any = self._client(endpoint).chat.completions
        parts = _Parts()
        try:
            stream = await client.create(model=endpoint.model, messages=list(messages), stream=True, **extras)
        except _THEIRS as error:
            raise _trouble(error, endpoint, extras) from error
        async with stream:
            chunks = aiter(stream)
            while True:
                try:
                    text = parts.take(await anext(chunks))
                except StopAsyncIteration:
                    break
                except _THEIRS as error:
                    raise _trouble(error, endpoint, extras) from error
                if text:
                    await outlet.feed(text)
        if not parts.finish:
            raise Trouble("the answer broke off", status=75, again=True)
        if not parts.text and not parts.calls:
            raise Trouble("the answer was empty", status=75, again=True)
        tokens_in = parts.tokens_in or tokens_of(json.dumps(list(messages), ensure_ascii=False))
        tokens_out = parts.tokens_out or tokens_of(parts.text)
        return Answer(
            parts.text,
            parts.tool_calls(),
            parts.finish,
            f"{endpoint.name}:{endpoint.model}",
            tokens_in,
            tokens_out,
            endpoint.cost(tokens_in, tokens_out),
        )

    def _client(self, endpoint: Endpoint) -> openai.AsyncOpenAI:
        if endpoint.name not in self._clients:
            self._clients[endpoint.name] = openai.AsyncOpenAI(
                api_key=endpoint.key.reveal() if endpoint.key else "none",
                base_url=endpoint.url,
                timeout=openai.Timeout(endpoint.timeout, connect=min(10.0, endpoint.timeout)),
                max_retries=0,
            )
        return self._clients[endpoint.name]


_THEIRS = (openai.OpenAIError, httpx2.HTTPError, ValueError, KeyError, TypeError, AttributeError)
"""What the library raises, and what it stumbles over when a server sends nonsense."""


class _Parts:
    """An answer as its pieces come in."""

    def __init__(self) -> None:
        self.pieces: list[str] = []
        self.finish = ""
        self.tokens_in = 0
        self.tokens_out = 0
        self.calls: dict[int, list[str]] = {}

    @property
    def text(self) -> str:
        return "".join(self.pieces)

    def take(self, chunk: Any) -> str:
        """Notes a piece of the stream; returns the text in it."""
        if chunk.usage is not None:
            self.tokens_in = chunk.usage.prompt_tokens or 0
            self.tokens_out = chunk.usage.completion_tokens or 0
        if not chunk.choices or chunk.choices[0].delta is None:
            return ""
        choice = chunk.choices[0]
        self.finish = choice.finish_reason or self.finish
        for call in choice.delta.tool_calls or ():
            self._call(call)
        text = str(choice.delta.content or "")
        if text:
            self.pieces.append(text)
        return text

    def _call(self, piece: Any) -> None:
        kept = self.calls.setdefault(
            piece.index if piece.index is not None else len(self.calls), ["", "", ""]
        )
        kept[0] = piece.id or kept[0]
        if piece.function is not None:
            kept[1] += piece.function.name or ""
            kept[2] += piece.function.arguments or ""

    def tool_calls(self) -> tuple[ToolCall, ...]:
        return tuple(
            ToolCall(call[0] or f"call-{at}", call[1], call[2]) for at, call in sorted(self.calls.items())
        )


class _Unknown(Exception):
    """The server does not know an option of the request; it is asked again without."""

    def __init__(self, option: str) -> None:
        super().__init__(option)
        self.option = option


def _pause(attempt: int) -> float:
    """Growing, and random so that many runs do not come back together."""
    most = min(0.5 * 2.0**attempt, LONGEST_PAUSE)
    return random.uniform(most / 2, most)  # noqa: S311 (spread, not secrecy)


def _trouble(error: Exception, endpoint: Endpoint, extras: Mapping[str, Any]) -> Exception:
    """What an exception of the library means. Each of them arrives here."""
    if isinstance(error, openai.APIStatusError):
        return _refused(error, endpoint, extras)
    if isinstance(error, openai.APITimeoutError | httpx2.TimeoutException):
        return Trouble(f"no sign of life for {endpoint.timeout:g} s", status=124, again=True)
    if isinstance(error, openai.APIConnectionError | httpx2.ConnectError):
        return Trouble("cannot be reached", status=75, again=True)
    if isinstance(error, httpx2.HTTPError):
        return Trouble("the connection was cut", status=75, again=True)
    said = _said(error, endpoint)
    if isinstance(error, openai.APIError):
        return Trouble(f"it answered with an error: {said}", status=75, again=True)
    return Trouble("it answered with something that cannot be read", status=75, again=True)


def _refused(error: openai.APIStatusError, endpoint: Endpoint, extras: Mapping[str, Any]) -> Exception:
    status, said = error.status_code, _said(error, endpoint)
    code = str(error.code or "")
    if status in (400, 413, 422):
        if code == "context_length_exceeded" or "context" in said.lower() or status == 413:
            return TooLong(f"{endpoint.name}: too long for the model: {said}")
        for option in ("stream_options", "response_format"):
            if option in extras and option in said:
                return _Unknown(option)
        return Trouble(f"the request was turned down: {said}", status=1, again=False, onward=False)
    if status in (401, 403):
        return Trouble(f"the key was not accepted ({status}): {said}", status=77, again=False)
    if status == 404:
        return Trouble(f"no model {endpoint.model} there: {said}", status=1, again=False)
    if status == 429 and code in ("insufficient_quota", "billing_hard_limit_reached"):
        return Trouble(f"the account has no credit left: {said}", status=77, again=False)
    busy = status in (408, 409, 425, 429) or status >= 500
    pause = _retry_after(error.response.headers) if busy else 0.0
    reason = "too many requests" if status == 429 else f"error {status}"
    return Trouble(f"{reason}: {said}" if said else reason, status=75, again=busy, pause=pause)


def _said(error: Exception, endpoint: Endpoint) -> str:
    """The server's words: data, cut short, without keys and control characters."""
    body = getattr(error, "body", None)
    text = str(body["message"]) if isinstance(body, dict) and body.get("message") else str(error)
    return visible_line(redact(text, [endpoint.key]))[:300]


def _retry_after(headers: Mapping[str, str]) -> float:
    for name, scale in (("retry-after-ms", 1000.0), ("retry-after", 1.0)):
        value = headers.get(name, "").strip()
        try:
            return max(float(value) / scale, 0.0)
        except ValueError:
            pass
        try:
            return max(parsedate_to_datetime(value).timestamp() - time.time(), 0.0)
        except (ValueError, TypeError):
            continue
    return 0.0


def _failed(wrong: Sequence[tuple[Endpoint, Trouble]], reached: bool) -> ModelFailed:
    last = wrong[-1][1]
    status = 75 if any(trouble.status == 75 for _, trouble in wrong) else last.status
    reasons = "; ".join(f"{endpoint.name}: {trouble}" for endpoint, trouble in wrong)
    hint = None
    if reached:
        reasons += " (a part of the answer was out already, so it was not asked again)"
    elif status == 77:
        hint = "run: spatio key NAME, or set the variable that the endpoint's key_env names (OPENAI_API_KEY)"
    elif status == 75 and last.pause > LONGEST_PAUSE:
        hint = f"try again in {last.pause:.0f} s"
    return ModelFailed(reasons, status=status, hint=hint)
