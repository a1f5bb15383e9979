"""A key in the environment shows up nowhere but in the header of the request."""

from __future__ import annotations

import json

from spatio.agents.service import AgentService
from tests.agents.house import KEY, House
from tests.agents.server import Calls, Text, Wrong, serving


def test_a_key_is_in_no_prompt_no_answer_no_row_and_no_error() -> None:
    probe = (
        "export; env; set; echo $OPENAI_API_KEY $SCRIPTED_KEY; cat /agents/runs/*; cat ~/.config/*; type env"
    )
    with serving(
        Calls([("shell", {"line": probe})]), Wrong(500, f"your key {KEY} is bad"), Text("done")
    ) as server:
        house = House(server)
        house.agent("probe", "tools: reading\nreads: /**")
        ran = house.run("agent run probe -m go")
        house.put("/notes/a.md", "x")
        everything = server.everything()
    assert KEY not in everything
    assert KEY not in ran.out + ran.err
    assert KEY not in json.dumps([repr(house.last()), repr(house.agents._endpoints)])
    assert "[secret]" in ran.err


def test_an_error_of_the_endpoint_keeps_the_key_to_itself() -> None:
    with serving(Wrong(401, f"Incorrect API key provided: {KEY}")) as server:
        house = House(server)
        house.put("/notes/a.md", "x")
        ran = house.run("agent run summarizer /notes/a.md")
    assert ran.status == 77
    assert KEY not in ran.err + repr(house.last())
    assert "[secret]" in ran.err


def test_a_service_shows_no_key_when_it_is_printed() -> None:
    with serving(Text("ok")) as server:
        house = House(server)
        house.put("/notes/a.md", "x")
        house.run("agent run summarizer /notes/a.md")
        service: AgentService = house.agents
        assert KEY not in repr(service._endpoints)
