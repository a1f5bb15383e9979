from __future__ import annotations

import asyncio
from decimal import Decimal
from typing import Any

import pytest

from spatio.agents.endpoints import Endpoint
from spatio.agents.model import Answer, Breaker, ModelFailed, Models, TooLong
from spatio.secrets import Secret
from tests.agents.house import KEY
from tests.agents.server import (
    Calls,
    Cut,
    Garbled,
    Hang,
    Reply,
    Server,
    Text,
    Unfinished,
    Wrong,
    serving,
)

ASKED = [{"role": "user", "content": "hello"}]


class Heard:
    """An outlet that holds back until `open`."""

    def __init__(self, *, shows: bool = False) -> None:
        self.shows = shows
        self.text = ""

    @property
    def reached(self) -> bool:
        return self.shows and bool(self.text)

    async def feed(self, text: str) -> None:
        self.text += text

    def reset(self) -> None:
        self.text = ""


class Asking:
    """Models over some servers, with a clock that tests wind and pauses that take no time."""

    def __init__(self, *servers: Server, timeout: float = 5.0) -> None:
        self.endpoints = [
            Endpoint(
                f"server{at}", server.url, "scripted", Secret(KEY), timeout=timeout,
                input_price=Decimal(1), output_price=Decimal(10),
            )
            for at, server in enumerate(servers, 1)
        ]  # fmt: skip
        self.told: list[str] = []
        self.pauses: list[float] = []
        self.now = 0.0
        self.breakers: dict[str, Breaker] = {}
        self.heard = Heard()

    def ask(self, **options: Any) -> Answer:
        async def tell(line: str) -> None:
            self.told.append(line)

        async def sleep(seconds: float) -> None:
            self.pauses.append(seconds)

        async def go() -> Answer:
            models = Models(
                self.endpoints, tell=tell, sleep=sleep, clock=lambda: self.now, breakers=self.breakers
            )
            try:
                return await models.ask(ASKED, self.heard, **options)
            finally:
                await models.aclose()

        return asyncio.run(go())


def test_text_tokens_and_cost_come_back() -> None:
    with serving(Text("Hello there")) as server:
        asking = Asking(server)
        answer = asking.ask()
    assert (answer.text, answer.finish, answer.model) == ("Hello there", "stop", "server1:scripted")
    assert (answer.tokens_in, answer.tokens_out) == (100, 20)
    assert answer.cost == Decimal("0.0003")
    assert asking.heard.text == "Hello there"


def test_calls_of_tools_are_put_together_from_their_pieces() -> None:
    with serving(Calls([("shell", {"line": "ls /"}), ("rm", {"paths": ["/x"]})])) as server:
        answer = Asking(server).ask(tools=[{"type": "function", "function": {"name": "shell"}}])
    assert [(call.id, call.name, call.arguments) for call in answer.calls] == [
        ("c0", "shell", '{"line": "ls /"}'), ("c1", "rm", '{"paths": ["/x"]}')
    ]  # fmt: skip


def test_retry_after_is_honoured() -> None:
    with serving(Wrong(429, "slow down", {"retry-after": "7"}), Text("ok")) as server:
        asking = Asking(server)
        assert asking.ask().text == "ok"
    assert asking.pauses == [7.0]
    assert "trying again in 7.0 s" in asking.told[0]


def test_pauses_grow_and_are_random_where_the_server_names_none() -> None:
    with serving(Wrong(500), Wrong(503), Wrong(500), Text("ok")) as server:
        asking = Asking(server)
        assert asking.ask().text == "ok"
    first, second, third = asking.pauses
    assert 0.5 <= first <= 1.0 <= second <= 2.0 <= third <= 4.0


@pytest.mark.parametrize(
    "broken", [Cut("half an"), Cut(), Garbled(), Unfinished("half an"), Unfinished(), Garbled("[1, 2]")]
)
def test_a_broken_stream_is_asked_again_and_its_half_is_void(broken: Reply) -> None:
    with serving(broken, Text("whole")) as server:
        asking = Asking(server)
        assert asking.ask().text == "whole"
    assert asking.heard.text == "whole"


def test_an_empty_answer_is_asked_again() -> None:
    with serving(Text(""), Text("something")) as server:
        assert Asking(server).ask().text == "something"


def test_silence_ends_at_the_time_out() -> None:
    with serving(Hang()) as server:
        asking = Asking(server, timeout=0.2)
        with pytest.raises(ModelFailed) as failed:
            asking.ask()
    assert failed.value.status == 124
    assert "no sign of life" in str(failed.value)


def test_the_next_endpoint_takes_over() -> None:
    with serving(Wrong(500)) as first, serving(Text("from the second")) as second:
        answer = Asking(first, second).ask()
    assert answer.model == "server2:scripted"
    assert len(first.requests) == 4


def test_a_refused_key_goes_on_at_once_and_is_told_when_all_refuse() -> None:
    with serving(Wrong(401, f"bad key {KEY}")) as first, serving(Wrong(403, "no")) as second:
        asking = Asking(first, second)
        with pytest.raises(ModelFailed) as failed:
            asking.ask()
    assert (len(first.requests), len(second.requests)) == (1, 1)
    assert failed.value.status == 77
    assert KEY not in str(failed.value)


def test_a_long_retry_after_is_told_instead_of_waited_for() -> None:
    with serving(Wrong(429, "tomorrow", {"retry-after": "3600"})) as server:
        asking = Asking(server)
        with pytest.raises(ModelFailed) as failed:
            asking.ask()
    assert (failed.value.status, asking.pauses) == (75, [])
    assert failed.value.hint is not None
    assert "3600 s" in failed.value.hint


def test_a_bad_request_is_an_error_at_once() -> None:
    with (
        serving(Wrong(400, "no such thing")) as first,
        serving(Text("never")) as second,
        pytest.raises(ModelFailed, match="no such thing"),
    ):
        Asking(first, second).ask()
    assert second.requests == []


def test_a_question_that_is_too_long_is_told_apart() -> None:
    reply = Wrong(400, "maximum context length", code="context_length_exceeded")
    with serving(reply) as server, pytest.raises(TooLong):
        Asking(server).ask()


def test_an_option_that_the_server_does_not_know_is_left_out() -> None:
    with serving(Wrong(400, "unknown field stream_options"), Text("ok")) as server:
        assert Asking(server).ask().text == "ok"
    assert "stream_options" in server.requests[0]
    assert "stream_options" not in server.requests[1]


def test_an_answer_that_was_shown_is_never_followed_by_another() -> None:
    with serving(Cut("half an")) as first, serving(Text("other")) as second:
        asking = Asking(first, second)
        asking.heard = Heard(shows=True)
        with pytest.raises(ModelFailed, match="was out already"):
            asking.ask()
    assert (len(first.requests), second.requests) == (1, [])


def test_an_endpoint_that_keeps_failing_is_left_out_for_a_while() -> None:
    with serving(Wrong(500)) as first, serving(Text("ok")) as second:
        asking = Asking(first, second)
        for _ in range(3):
            asking.ask()
        before = len(first.requests)
        asking.ask()
        assert len(first.requests) == before
        asking.now = 31.0
        asking.ask()
        assert len(first.requests) > before


def test_a_server_that_is_not_there_can_be_tried_later() -> None:
    with serving(Text("ok")) as server:
        gone = server.url
    asking = Asking()
    asking.endpoints = [Endpoint("gone", gone, "m")]
    with pytest.raises(ModelFailed) as failed:
        asking.ask()
    assert failed.value.status == 75
    assert "gone: cannot be reached" in str(failed.value)


def test_control_characters_in_a_servers_words_are_made_visible() -> None:
    with serving(Wrong(400, "\x1b]0;owned\x07")) as server, pytest.raises(ModelFailed) as failed:
        Asking(server).ask()
    assert "\x1b" not in str(failed.value)
    assert "^[" in str(failed.value)
