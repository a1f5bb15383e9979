"""What agents do without an account."""

from __future__ import annotations

import json
import pathlib

import pytest

from spatio.agents.chunk import Piece
from spatio.agents.forms import changelog, tasks
from tests.agents.house import House

NOTES = pathlib.Path(__file__).parent.parent / "data" / "summaries"


def filled() -> House:
    house = House()
    for file in sorted(NOTES.glob("*.json"))[:4]:
        note = json.loads(file.read_text(encoding="utf-8"))
        house.put(f"/notes/{note['name']}", note["text"])
    return house


def test_a_summary_without_an_account_quotes_and_says_so() -> None:
    house = filled()
    ran = house.run("agent run summarizer /notes/* > /notes/summary.md")
    assert ran.status == 0
    first, second, third = ran.err.splitlines()
    assert first == "Running agent 'summarizer'..."
    assert "this is the small local model" in second
    assert third.startswith("Created /notes/summary.md (")
    assert house.read("/notes/summary.md").count("## /notes/") == 4
    assert house.last().info.model == "local"
    assert [step.status for step in house.last().steps] == ["done"]


def test_what_is_being_written_is_not_read() -> None:
    house = filled()
    for _ in range(2):
        ran = house.run("agent run summarizer /notes/* > /notes/summary.md")
    assert "/notes/summary.md is what is being written, so it is not read" in ran.err
    assert "## /notes/summary.md" not in house.read("/notes/summary.md")


@pytest.mark.parametrize(
    ("line", "can"),
    [
        ("ask what is due", "ask uses tools"),
        ("agent run write 'a poem of mine'", "write writes"),
        ("@write a poem", "write writes"),
        ("@ask what is due", "ask uses tools"),
    ],
)
def test_what_cannot_be_done_without_an_account_is_said_plainly(line: str, can: str) -> None:
    ran = filled().run(line)
    assert (ran.status, ran.out) == (1, "")
    assert f"{can}, which the small local model cannot do" in ran.err
    assert "set OPENAI_API_KEY" in ran.err


def test_a_refusal_leaves_the_old_file() -> None:
    house = filled()
    house.put("/notes/x.md", "old")
    ran = house.run("ask what is due > /notes/x.md")
    assert (ran.status, house.read("/notes/x.md")) == (1, "old")


def test_tasks_are_found_in_boxes_promises_and_lists_and_pipe_as_records() -> None:
    text = (
        "# Trip\n\n- [ ] Book the train by 2026-12-01\n- [x] Renew the passport\n\nTODO: call Bo, urgent\n\n"
        "It rained. I promised to send Ines the maps. Shall we go?\n\n## Next steps\n\n- pack the tent\n\n"
        "## Notes\n\n- the tent is green\n"
    )
    house = House()
    house.put("/notes/trip.md", text)
    ran = house.run("agent run extract-tasks /notes/trip.md")
    assert ran.out == (
        "- [ ] Book the train by 2026-12-01 (due 2026-12-01, /notes/trip.md)\n"
        "- [ ] call Bo, urgent (priority 3, /notes/trip.md)\n"
        "- [ ] I promised to send Ines the maps. (/notes/trip.md)\n"
        "- [ ] pack the tent (/notes/trip.md)\n"
    )
    assert (
        house.run("agent run extract-tasks /notes/trip.md | where priority == 3 | wc -l").out.strip() == "1"
    )


def test_plain_notes_hold_no_tasks() -> None:
    assert tasks([Piece("/a", "The sun shone. We had cake.\n\n- red\n- blue\n")]).items == []


def test_triage_covers_every_file_and_puts_what_asks_for_something_first() -> None:
    house = House()
    house.put("/notes/a.md", "A walk in the hills. The larks sang.")
    house.put("/notes/b.md", "Greetings.\n\nShall we meet in May, or would June be better?")
    house.put("/notes/c.md", "The form must be handed in by Friday.")
    ran = house.run("agent run triage /notes/*.md")
    assert [line.split()[0] for line in ran.out.splitlines()] == ["act", "answer", "read"]
    assert "The form must be handed in by Friday. (/notes/c.md)" in ran.out


def test_a_changelog_groups_subjects_and_drops_merges() -> None:
    ran = House().run(
        "agent run changelog",
        stdin=b"1a2b3c4 feat: export to CSV\n2b3c4d5 Fix crash on empty input\n3c4d5e6 Merge branch 'x'\n"
        b"4d5e6f7 parser: remove the old flag\n5e6f7a8 feat!: new config format\n6f7a8b9 docs: typo\n",
    )
    assert ran.out == (
        "### Breaking\n\n- new config format\n\n### Added\n\n- export to CSV\n\n"
        "### Fixed\n\n- Fix crash on empty input\n\n### Removed\n\n- parser: remove the old flag\n\n"
        "### Other\n\n- typo\n"
    )


def test_a_changelog_reads_a_whole_log_too() -> None:
    log = (
        "commit 1a2b3c4d5e6f\nAuthor: A\nDate: now\n\n    Add a door\n\n    Long story.\n\n"
        "commit 2a2b3c4d5e6f\nAuthor: A\nDate: now\n\n    Fix the door\n"
    )
    assert changelog([Piece("x", log)]).text == "### Added\n\n- Add a door\n\n### Fixed\n\n- Fix the door\n"


def test_an_outline_names_sections_and_what_code_defines() -> None:
    house = House()
    house.put("/files/a.py", "import os\n\ndef first():\n    pass\n\nclass Second:\n    pass\n")
    house.put("/notes/a.md", "# One\n\nWe decided to go in May.\n\n# Two\n\nNothing else.\n")
    ran = house.run("agent run explain /files/a.py /notes/a.md")
    assert "Defines: first, Second" in ran.out
    assert "Sections: One; Two" in ran.out
    assert "- We decided to go in May." in ran.out


def test_of_a_program_its_own_remarks_are_quoted_and_no_code() -> None:
    house = House()
    house.put(
        "/files/a.py",
        '"""Pays the bills of a month."""\n\nx = [1,\n  2]  # the two rates of 2026\nprint(x)\n',
    )
    ran = house.run("agent run explain /files/a.py")
    assert ran.out == (
        "## /files/a.py\n\n5 lines, 17 words.\n\n- Pays the bills of a month.\n- the two rates of 2026\n"
    )


def test_words_to_a_form_are_not_followed_and_that_is_said() -> None:
    ran = filled().run("agent run summarizer /notes -m 'in rhymes'")
    assert ran.status == 0
    assert "does not follow requests in words" in ran.err
