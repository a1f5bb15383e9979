from __future__ import annotations

from commands.render import Terminal
from commands.stream import Collected, Io, Nothing
from tests.agents.house import House
from tests.agents.server import Calls, Text, serving
from vfs.drive import drive


def test_the_list_has_a_line_for_each_agent_and_a_broken_file_is_on_it() -> None:
    house = House()
    house.agent("broken", "summry: x")
    ran = house.run("agent list")
    assert ran.status == 1
    assert "summarizer: Sums up files" in ran.out
    assert "broken: /agents/broken.md:2: unknown key summry" in ran.out
    assert house.run("agent").out == ran.out


def test_an_agent_shows_what_it_may_do() -> None:
    house = House()
    house.agent("sorter", "tools: [ls, mv]\nreads: /notes/**\nwrites: /notes/new/**\nbudget:\n  steps: 5")
    out = house.run("agent show sorter").out
    assert "tools           ls, mv\n" in out
    assert "may change      /notes/new/**\n" in out
    assert "5 steps" in out


def test_a_new_agent_is_a_file_that_runs() -> None:
    with serving(Text("Arr.")) as server:
        house = House(server)
        ran = house.run("agent new pirate -m 'Say it like a pirate.'")
        assert ran.err == "Created /agents/pirate.md; to change it: agent edit pirate\n"
        house.put("/notes/a.md", "Hello.")
        assert house.run("agent run pirate /notes/a.md").out == "Arr.\n"
        assert "Say it like a pirate." in server.messages()[0]["content"]


def test_a_new_agent_never_replaces_one_and_can_begin_as_a_copy() -> None:
    house = House()
    before = house.read("/agents/summarizer.md")
    ran = house.run("agent new summarizer")
    assert ran.status == 1
    assert "run: agent edit summarizer" in ran.err
    assert house.read("/agents/summarizer.md") == before
    assert house.run("agent new mine --from summarizer").status == 0
    assert house.read("/agents/mine.md") == before
    assert house.run("agent new ../x").status == 2


def test_runs_and_their_steps_can_be_read_afterwards() -> None:
    with serving(Calls([("shell", {"line": "ls /notes"})]), Text("Nothing is due.")) as server:
        house = House(server)
        house.put("/notes/a.md", "x")
        house.run("ask what is due")
        ran = house.run("agent runs")
        assert ran.records[0].fields["agent"] == "ask"
        assert ran.records[0].fields["tokens"] == 180
        short = str(ran.records[0].fields["run"])
        log = house.run(f"agent log {short}")
        assert [record.fields["kind"] for record in log.records] == ["model", "tool", "model"]
        assert log.records[1].fields["name"] == "shell"
        assert house.run("agent log").out == log.out
        assert house.run("agent runs other").out == ""
    assert house.run("agent log nonsense").status == 1


def test_unknown_actions_and_missing_names_are_usage() -> None:
    house = House()
    ran = house.run("agent rnu")
    assert (ran.status, "did you mean run?" in ran.err) == (2, True)
    assert house.run("agent run").status == 2
    assert house.run("agent list x").status == 2
    assert house.run("agent show a b").status == 2
    assert house.run("ask").status == 2


def test_escapes_of_a_model_are_made_visible_on_a_terminal() -> None:
    with serving(Text("\x1b]0;owned\x07\x1b[2Jhello \u202e", size=1)) as server:
        house = House(server)
        house.put("/notes/a.md", "x")
        device = Collected()
        io = Io(Nothing(), Terminal(device, env={"TERM": "xterm"}), Collected())
        drive(house.session().call(["agent", "run", "summarizer", "/notes/a.md"], io))
    assert b"\x1b" not in device.data
    assert b"\x07" not in device.data
    assert b"^[]0;owned^G^[[2Jhello <U+202E>" in device.data
