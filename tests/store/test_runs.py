"""The log of agents' runs: a row before and after each step."""

import pathlib
from decimal import Decimal

import pytest

from providers.runs import RunFiles
from providers.store.runs import StoreRuns
from providers.sys import SystemFiles
from providers.view import View
from tests.engines import BOTH
from tests.store.desk import make_store, path
from vfs.drive import drive
from vfs.errors import IsADirectory, NotADirectory, NotFound

ENGINES = BOTH


async def one_run(runs: StoreRuns, id: str, *, agent: str = "summarizer", finished: bool = True) -> None:
    line = f"agent run {agent} /notes/*"
    await runs.start_run(id, agent=agent, actor="user", line=line, model="small", input="/notes/a.md")
    seq = await runs.step_before(id, "model", "small", "summarize this")
    await runs.step_after(
        id, seq, status="done", after="short", tokens_in=100, tokens_out=20, cost=Decimal("0.002")
    )
    await runs.step_before(id, "tool", "shell", "cat /notes/a.md")
    if finished:
        await runs.finish_run(id, status="done", output="a summary")


def test_a_run_is_kept_step_by_step(tmp_path: pathlib.Path) -> None:
    store = make_store(tmp_path)
    runs = StoreRuns(store)
    drive(one_run(runs, "r1"))
    run = drive(runs.read_run("r1"))
    assert (run.info.status, run.info.tokens, run.info.cost) == ("done", 120, Decimal("0.002"))
    assert run.output == "a summary"
    assert [(step.seq, step.kind, step.status, step.after) for step in run.steps] == [
        (1, "model", "done", "short"),
        (2, "tool", "begun", ""),
    ]
    drive(store.aclose())


def test_a_killed_run_shows_how_far_it_came(tmp_path: pathlib.Path) -> None:
    store = make_store(tmp_path)
    drive(one_run(StoreRuns(store), "r1", finished=False))
    drive(store.aclose())
    store = make_store(tmp_path)
    run = drive(StoreRuns(store).read_run(""))
    drive(store.aclose())
    assert (run.info.status, run.info.ended) == ("running", None)
    assert [step.status for step in run.steps] == ["done", "begun"]


def test_runs_are_listed_newest_first_and_found_by_a_part_of_their_id(tmp_path: pathlib.Path) -> None:
    store = make_store(tmp_path)
    runs = StoreRuns(store)
    for id in ("abc-1", "abd-2", "xyz-3"):
        drive(one_run(runs, id))

    async def listed() -> list[str]:
        return [info.id async for page in runs.runs() for info in page]

    assert drive(listed()) == ["xyz-3", "abd-2", "abc-1"]
    assert drive(runs.read_run("abd")).info.id == "abd-2"
    assert drive(runs.read_run("-3")).info.id == "xyz-3"
    assert drive(runs.read_run("")).info.id == "xyz-3"
    with pytest.raises(NotFound, match="several runs"):
        drive(runs.read_run("ab"))
    with pytest.raises(NotFound, match="no such run"):
        drive(runs.read_run("q"))
    drive(store.aclose())


def test_usage_is_summed_by_day_agent_and_model(tmp_path: pathlib.Path) -> None:
    store = make_store(tmp_path)
    runs = StoreRuns(store)
    for id, agent in (("1", "triage"), ("2", "triage"), ("3", "write")):
        drive(one_run(runs, id, agent=agent))
    used = drive(runs.usage())
    assert [(row.agent, row.runs, row.calls, row.tokens_in, row.cost) for row in used] == [
        ("write", 1, 1, 100, Decimal("0.002")),
        ("triage", 2, 2, 200, Decimal("0.004")),
    ]
    drive(store.aclose())


def test_runs_are_files_to_be_read(tmp_path: pathlib.Path) -> None:
    store = make_store(tmp_path)
    drive(one_run(StoreRuns(store), "r1"))
    view = View(RunFiles(lambda: store))

    async def names(text: str) -> list[str]:
        return [node.name async for page in view.list(path(text)) for node in page]

    async def read(text: str) -> bytes:
        async with view.open(path(text)) as content:
            return b"".join([block async for block in content])

    assert drive(names("/")) == ["r1"]
    assert drive(names("/r1")) == ["cost", "input", "output", "steps.jsonl"]
    assert drive(read("/r1/output")) == b"a summary"
    assert drive(read("/r1/input")) == b"agent run summarizer /notes/*\n/notes/a.md\n"
    assert drive(read("/r1/steps.jsonl")).count(b"\n") == 2
    assert b'"tokens": 120' in drive(read("/r1/cost"))
    assert drive(view.stat(path("/r1"))).attrs["agent"] == "summarizer"
    for text, error in (("/r2", NotFound), ("/r1/x", NotFound), ("/r1/cost/x", NotADirectory)):
        with pytest.raises(error):
            drive(view.stat(path(text)))
    with pytest.raises(IsADirectory):
        drive(read("/r1"))
    drive(store.aclose())


def test_the_system_tells_of_itself_in_files(tmp_path: pathlib.Path) -> None:
    store = make_store(tmp_path)
    drive(one_run(StoreRuns(store), "r1"))

    class Facts:
        def mounts(self) -> list[dict[str, str]]:
            return [{"path": "/notes"}, {"path": "/mail"}]

        async def replicas(self) -> dict[str, dict[str, int]]:
            return {"/mail": {"items": 3}}

        def commands(self) -> list[dict[str, str]]:
            return [{"name": "ls"}]

        def jobs(self) -> list[dict[str, str]]:
            return []

    view = View(SystemFiles(lambda: store, Facts()))

    async def read(text: str, stop: int | None = None) -> bytes:
        async with view.open(path(text), stop=stop) as content:
            return b"".join([block async for block in content])

    assert drive(read("/mounts")) == b'{"path": "/notes"}\n{"path": "/mail", "items": 3}\n'
    assert drive(read("/commands", 8)) == b'{"name":'
    assert drive(read("/jobs")) == b""
    assert b'"agent": "summarizer"' in drive(read("/usage"))
    with pytest.raises(NotFound):
        drive(read("/other"))
    drive(store.aclose())


def test_what_a_run_was_given_may_hold_any_character(tmp_path: pathlib.Path) -> None:
    store = make_store(tmp_path)
    runs = StoreRuns(store)
    drive(runs.start_run("r1", agent="a", actor="user", line="x", model="m", input="nul \0, half \ud800"))
    drive(runs.finish_run("r1", status="done", output="\0"))
    run = drive(runs.read_run("r1"))
    assert (run.input, run.output) == ("nul \ufffd, half ?", "\ufffd")
    drive(store.aclose())


@pytest.mark.parametrize("id", ["\0", "r\0", "\ud800", "%", "_", "r" * 5000])
def test_a_run_that_cannot_be_is_not_found(tmp_path: pathlib.Path, id: str) -> None:
    store = make_store(tmp_path)
    runs = StoreRuns(store)
    drive(one_run(runs, "r1"))
    with pytest.raises(NotFound):
        drive(runs.read_run(id))
    assert drive(runs.find_run(id)) is None
    drive(store.aclose())
