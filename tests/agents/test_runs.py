from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from commands.stream import Collected, Io, Nothing, ReaderGone, Sink
from tests.agents.house import KEY, House
from tests.agents.server import Calls, Cut, Hang, Reply, Text, Wrong, serving


def test_an_answer_streams_to_standard_output_and_progress_to_standard_error() -> None:
    with serving(Text("The lease ends in May.")) as server:
        house = House(server)
        house.put("/notes/lease.md", "The lease ends on 31 May.\n")
        ran = house.run("agent run summarizer /notes/lease.md")
    assert ran == (0, "The lease ends in May.\n", "Running agent 'summarizer'...\n", [])
    request = server.requests[0]
    assert "The lease ends on 31 May." in request["messages"][1]["content"]
    assert "/notes/lease.md" in request["messages"][1]["content"]
    assert request["stream"] is True
    assert server.headers[0]["authorization"] == f"Bearer {KEY}"


def test_text_arrives_while_the_model_still_writes() -> None:
    seen: list[bytes] = []

    class Watching(Sink):
        async def write(self, data: bytes) -> None:
            seen.append(data)
            if len(seen) == 2:
                raise ReaderGone

    with serving(Text("one two three four five six seven eight", size=4, pause=0.05)) as server:
        house = House(server)
        house.put("/notes/a.md", "A note.")

        async def go() -> int:
            io = Io(Nothing(), Watching(), Collected())
            return int(await house.session().call(["agent", "run", "summarizer", "/notes/a.md"], io))

        assert asyncio.run(go()) == 141
        assert server.left.wait(5)
    assert seen == [b"one ", b"two "]


def test_a_redirected_answer_is_announced_and_stands_whole() -> None:
    with serving(Text("Short.")) as server:
        house = House(server)
        house.put("/notes/a.md", "A note.")
        ran = house.run("agent run summarizer /notes/* > /notes/summary.md")
    assert (ran.status, ran.out) == (0, "")
    assert ran.err == "Running agent 'summarizer'...\nCreated /notes/summary.md (7B)\n"
    assert house.read("/notes/summary.md") == "Short.\n"


@pytest.mark.parametrize(
    ("reply", "status"),
    [(Wrong(400, "nonsense"), 1), (Wrong(401, "who are you"), 77), (Text("half of", finish="length"), 1)],
)
def test_a_failed_run_leaves_the_old_file_and_says_so(reply: Reply, status: int) -> None:
    with serving(reply) as server:
        house = House(server)
        house.put("/notes/a.md", "A note.")
        house.put("/notes/summary.md", "old")
        ran = house.run("agent run summarizer /notes/a.md > /notes/summary.md")
    assert ran.status == status
    assert house.read("/notes/summary.md") == "old"
    assert "the old content stays" in ran.err
    assert "Created" not in ran.err
    assert house.last().info.status in ("failed", "stopped")


def test_a_stream_cut_after_text_was_shown_is_not_asked_again() -> None:
    with serving(Cut("The first half of"), Text("Another answer.")) as server:
        house = House(server)
        house.put("/notes/a.md", "A note.")
        ran = house.run("agent run summarizer /notes/a.md > /notes/out.md")
    assert ran.status == 75
    assert len(server.requests) == 1
    assert not house.has("/notes/out.md")
    assert "a part of the answer was out already" in ran.err


def test_cancelling_is_immediate_closes_the_stream_and_keeps_the_old_file() -> None:
    with serving(Hang("Never ending")) as server:
        house = House(server, timeout=60.0)
        house.put("/notes/a.md", "A note.")
        house.put("/notes/out.md", "old")

        async def go() -> None:
            io = Io(Nothing(), Collected(), Collected())
            task = asyncio.ensure_future(
                house.session().run("agent run summarizer /notes/a.md > /notes/out.md", io)
            )
            while not server.requests:
                await asyncio.sleep(0.01)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task

        asyncio.run(go())
        assert server.left.wait(5)
    assert house.read("/notes/out.md") == "old"
    assert house.last().info.status == "cancelled"
    assert house.last().steps[0].status == "failed"


def test_words_and_a_message_are_the_request_and_paths_the_material() -> None:
    with serving(Text("Dear Ada")) as server:
        house = House(server)
        house.put("/notes/a.md", "facts about Ada")
        assert house.run("agent run write 'a letter to Ada' /notes/a.md -m 'in French'").status == 0
    said = server.messages()[1]["content"]
    assert said.startswith("in French\na letter to Ada\n\n<data-")
    assert "facts about Ada" in said


def test_standard_input_is_material() -> None:
    with serving(Text("### Added")) as server:
        ran = House(server).run("agent run changelog", stdin=b"abc1234 Add a thing\n")
    assert ran.out == "### Added\n"
    assert "abc1234 Add a thing" in server.messages()[1]["content"]


def test_a_folder_means_everything_below_it() -> None:
    with serving(Text("ok")) as server:
        house = House(server)
        house.put("/notes/x/y/deep.md", "far down")
        house.put("/notes/x/top.md", "high up")
        assert house.run("agent run summarizer /notes/x").status == 0
    assert "far down" in server.everything()
    assert "high up" in server.everything()


def test_what_is_no_text_is_named_left_out_and_costs_status_3() -> None:
    with serving(Text("ok")) as server:
        house = House(server)
        house.put("/notes/a.md", "words")
        house.put("/notes/b.bin", b"\x00\x01\x02")
        house.put("/notes/c.txt", b"\xff\xfe broken")
        ran = house.run("agent run summarizer /notes/a.md /notes/b.bin /notes/c.txt")
    assert (ran.status, ran.out) == (3, "ok\n")
    assert "/notes/b.bin: not text" in ran.err
    assert "/notes/c.txt: not text" in ran.err


def test_a_missing_file_fails_before_anything_is_asked() -> None:
    with serving(Text("ok")) as server:
        ran = House(server).run("agent run summarizer /notes/none.md")
    assert (ran.status, server.requests) == (1, [])
    assert "/notes/none.md: no such file or directory" in ran.err


def test_a_missing_agent_is_answered_with_the_nearest() -> None:
    ran = House().run("agent run sumarizer /notes")
    assert ran.status == 1
    assert ran.err == "agent: there is no agent sumarizer\n  did you mean summarizer?\n"


def test_an_agent_without_material_says_how_to_give_it_some() -> None:
    with serving(Text("ok")) as server:
        ran = House(server).run("agent run summarizer")
    assert (ran.status, server.requests) == (2, [])
    assert "nothing to work on" in ran.err


def test_records_of_an_agent_pipe_into_record_commands() -> None:
    items = [
        {"title": "Pay rent", "due": "2026-12-01", "priority": 3, "source": "/notes/a.md"},
        {"title": "Call Bo", "due": None, "priority": 1, "source": "/notes/a.md"},
    ]
    with serving(Text(json.dumps({"items": items}))) as server:
        house = House(server)
        house.put("/notes/a.md", "rent, Bo")
        ran = house.run("agent run extract-tasks /notes/a.md | where priority >= 2")
    assert ran.out == "- [ ] Pay rent (due 2026-12-01, priority 3, /notes/a.md)\n"
    assert str(ran.records[0].path) == "/notes/a.md"
    assert server.requests[0]["response_format"]["type"] == "json_schema"


def test_records_that_cannot_be_read_are_asked_for_once_more_and_then_fail() -> None:
    with serving(Text("no JSON here"), Text('```json\n{"items": [{"title": "x"}]}\n```')) as server:
        house = House(server)
        house.put("/notes/a.md", "words")
        ran = house.run("agent run extract-tasks /notes/a.md")
        assert (ran.status, ran.out) == (0, "- [ ] x\n")
    with serving(Text("no JSON here")) as server:
        house = House(server)
        house.put("/notes/a.md", "words")
        ran = house.run("agent run extract-tasks /notes/a.md")
        assert (ran.status, ran.out, len(server.requests)) == (1, "", 2)


def test_material_larger_than_the_window_is_worked_through_whole_and_combined() -> None:
    def by(request: dict[str, Any]) -> Reply:
        last = "Combine them into one result" in request["messages"][1]["content"]
        return Text("All of it." if last else "partial result")

    lines = [f"Sentence number {at} stands here for itself." for at in range(2000)]
    with serving(by=by) as server:
        house = House(server, window=4096)
        house.put("/notes/long.md", "\n".join(lines))
        ran = house.run("agent run summarizer /notes/long.md")
    assert (ran.status, ran.out) == (0, "All of it.\n")
    parts = [json.dumps(request) for request in server.requests]
    assert all(any(line in part for part in parts) for line in lines)
    assert "partial result" in server.messages()[1]["content"]
    assert "part 1 of" not in ran.err


def test_records_from_all_parts_of_a_long_material_are_kept() -> None:
    def by(request: dict[str, Any]) -> Reply:
        count = request["messages"][1]["content"].count("TASK")
        return Text(json.dumps({"items": [{"title": f"task {at}"} for at in range(count)]}))

    with serving(by=by) as server:
        house = House(server, window=2048)
        house.put("/notes/long.md", "\n\n".join(["TASK " + "word " * 30] * 100))
        ran = house.run("agent run extract-tasks /notes/long.md | wc -l")
    assert len(server.requests) > 2
    assert ran.out.strip() == "100"


def test_material_larger_than_the_budget_is_refused_before_it_costs_anything() -> None:
    with serving(Text("ok")) as server:
        house = House(server)
        house.agent("tiny", "budget:\n  tokens: 100")
        house.put("/notes/a.md", "word " * 150)
        ran = house.run("agent run tiny /notes/a.md")
        assert (ran.status, server.requests) == (1, [])
        assert "more than its budget of 100" in ran.err
        house.put("/notes/b.md", "word " * 1000)
        ran = house.run("agent run tiny /notes/b.md")
        assert (ran.status, server.requests) == (1, [])


def test_the_fixed_prompt_with_tools_stays_below_a_thousand_tokens() -> None:
    with serving(Text("ok")) as server:
        house = House(server)
        house.agent("bare", "tools: reading\nreads: /notes/**", prompt="x")
        assert house.run("agent run bare -m hello").status == 0
    fixed = json.dumps(server.requests[0]["messages"]) + json.dumps(server.requests[0]["tools"])
    assert len(fixed) / 3.5 < 1000


def test_every_call_of_a_model_and_a_tool_is_a_row() -> None:
    with serving(Calls([("shell", {"line": "ls /notes"})]), Text("Two notes.")) as server:
        house = House(server)
        house.put("/notes/a.md", "x")
        assert house.run("ask what is there").status == 0
    record = house.last()
    assert [(step.kind, step.status) for step in record.steps] == [
        ("model", "done"), ("tool", "done"), ("model", "done")
    ]  # fmt: skip
    assert record.info.tokens == 60 + 120
    assert record.output == "Two notes."
    assert "a.md" in record.steps[1].after


def test_remarks_before_a_tool_call_are_no_part_of_the_answer() -> None:
    with serving(Calls([("shell", {"line": "ls /notes"})], before="Let me look."), Text("Done.")) as server:
        ran = House(server).run("ask what is there")
    assert ran.out == "Done.\n"
