from __future__ import annotations

from contextlib import suppress
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spatio.agents.frontmatter import BadAgent
from spatio.agents.shipped import shipped
from spatio.agents.spec import parse_agent
from spatio.policy import Policy, Verdict
from vfs.action import Effect
from vfs.path import Path


def parse(text: str):  # type: ignore[no-untyped-def]
    return parse_agent("x", text.encode())


def verdict(text: str, effect: Effect, path: str) -> Verdict:
    return Policy(parse(text + "\n---\nDo it.").rules).verdict(effect, Path.parse(path))


def test_the_agents_that_ship_can_all_be_read() -> None:
    names = set(shipped())
    assert {"summarizer", "extract-tasks", "triage", "explain", "changelog", "write", "ask"} <= names
    for name, text in shipped().items():
        spec = parse_agent(name, text.encode())
        assert spec.summary
        assert len(spec.prompt) > 200


def test_a_file_without_a_head_is_a_prompt() -> None:
    spec = parse("Say hello.\nTwice.")
    assert (spec.prompt, spec.summary, spec.tools, spec.rules[0].verdict) == (
        "Say hello.\nTwice.", "Say hello.", (), Verdict.DENY
    )  # fmt: skip


def test_everything_that_a_head_can_say() -> None:
    spec = parse(
        "---\n"
        "summary: 'Sorts: all # of it'   # a comment\n"
        "model: work:large\n"
        "tools: [ls, cat,grep]\n"
        "reads:\n"
        "  - /notes/**\n"
        '  - "/files/a b"\n'
        "budget:\n"
        "  tokens: 5_000\n"
        "  cost: $0.25\n"
        "  minutes: 1.5\n"
        "output: records\n"
        "fields: title, due\n"
        "local: tasks\n"
        "---\n\nPrompt.\n"
    )
    assert spec.summary == "Sorts: all # of it"
    assert (spec.model, spec.tools, spec.fields, spec.local) == (
        "work:large", ("ls", "cat", "grep"), ("title", "due"), "tasks"
    )  # fmt: skip
    assert spec.budget == (5000, Decimal("0.25"), 30, Decimal("1.5"))


def test_what_is_written_is_asked_unless_allowed_and_never_when_denied() -> None:
    head = "---\nwrites: /notes/**\nallow: write /notes/out\ndeny: [delete, write /notes/plans]"
    assert verdict(head, Effect.READ, "/notes/a") is Verdict.ALLOW
    assert verdict(head, Effect.WRITE, "/notes/a") is Verdict.ASK
    assert verdict(head, Effect.WRITE, "/notes/out/a") is Verdict.ALLOW
    assert verdict(head, Effect.WRITE, "/notes/plans/a") is Verdict.DENY
    assert verdict(head, Effect.DELETE, "/notes/a") is Verdict.DENY
    assert verdict(head, Effect.WRITE, "/files/a") is Verdict.DENY


def test_a_permission_to_write_does_not_undo_a_question_before_reading() -> None:
    head = "---\nreads: /notes/**\nask: [read /notes/private/**, write /notes/**]"
    assert verdict(head, Effect.READ, "/notes/private/a") is Verdict.ASK
    assert verdict(head, Effect.READ, "/notes/a") is Verdict.ALLOW
    assert verdict("---\nreads: /notes/**\nask: read", Effect.READ, "/notes/a") is Verdict.ASK
    assert verdict("---\nreads: /notes/**\nask: read", Effect.READ, "/files/a") is Verdict.DENY


def test_runs_and_sys_show_only_to_an_agent_that_names_them() -> None:
    assert verdict("---\nreads: /**", Effect.READ, "/agents/runs/x") is Verdict.DENY
    assert verdict("---\nreads: /**", Effect.READ, "/sys/events") is Verdict.DENY
    assert verdict("---\nreads: [/**, /sys/events]", Effect.READ, "/sys/events") is Verdict.ALLOW


@pytest.mark.parametrize(
    ("text", "line", "reason", "hint"),
    [
        ("---\nmodle: x\n---\nhi", 2, "unknown key modle", "mean model?"),
        ("---\nsummary: a\nsummary: b\n---\nhi", 3, "summary is given twice", None),
        ("---\nsummary: a\nhi", 1, "never closed", "end it with a line of ---"),
        ("---\nreads: notes\n---\nhi", 2, "a path must begin with /, but is notes", None),
        ("---\nreads: /notes/*/plan.md\n---\nhi", 2, "the last name only", "/notes/*"),
        ("---\n\nallow: wirte\n---\nhi", 3, "but is wirte", "did you mean write?"),
        ("---\nallow: run\n---\nhi", 2, "never runs host commands", None),
        ("---\nallow: read\n---\nhi", 2, "named by path", "reads: /notes/**"),
        ("---\ntools: rm -rf /\n---\nhi", 2, "/ is no name of a command", None),
        ("---\noutput: json\n---\nhi", 2, "must be one of text, records, but is json", None),
        ("---\noutput: records\n---\nhi", 2, "records need fields", None),
        ("---\nfields: a\n---\nhi", 2, "only records have fields", None),
        ("---\nbudget:\n  tokens: 10\n  stepps: 5\n---\nhi", 4, "unknown limit stepps", "mean steps?"),
        ("---\nbudget:\n  tokens: -5\n---\nhi", 3, "must be a whole number from 1, but is -5", None),
        ("---\nbudget:\n  cost: NaN\n---\nhi", 3, "must be a number above 0, but is NaN", None),
        ("---\nbudget: 5\n---\nhi", 2, "budget takes keys below it", None),
        ("---\nsummary: a\n", 1, "never closed", None),
        ("---\nsummary: a\n---\n \n", 4, "there is no prompt", None),
        ("", 1, "there is no prompt", None),
        ("---\n- a\n---\nhi", 2, "belongs to no key", None),
        ("---\njust words\n---\nhi", 2, "expected `key: value`", None),
        ("---\nsummary: 'open\n---\nhi", 2, "never closed", None),
        ("---\nreads: [/a, /b\n---\nhi", 2, "must end with ]", None),
        ("---\nlocal: sumary\n---\nhi", 2, "must be one of", "did you mean summary?"),
        ("---\nsummary: \x1b[2J\nkeyy: 1\n---\nhi", 3, "unknown key keyy", None),
        ("---\nmodel:\n  a: b\n---\nhi", 2, "takes a value", None),
        ("---\nsummary: a\0b\n---\nhi", 2, "NUL", None),
        ("---\nreads: [" + ", ".join(["/a"] * 300) + "]\n---\nhi", 2, "but has 300", None),
        ("---\nreads: /" + "a/" * 100 + "\n---\nhi", 2, "64 names", None),
    ],
)  # fmt: skip
def test_a_mistake_names_its_line_and_the_nearest(
    text: str, line: int, reason: str, hint: str | None
) -> None:
    with pytest.raises(BadAgent) as bad:
        parse(text)
    assert bad.value.line == line
    assert str(bad.value).startswith(f"/agents/x.md:{line}: ")
    assert reason in str(bad.value)
    assert "\x1b" not in str(bad.value)
    if hint:
        assert bad.value.hint is not None
        assert hint in bad.value.hint


def test_what_is_no_text_or_far_too_long_is_refused() -> None:
    with pytest.raises(BadAgent, match="not UTF-8"):
        parse_agent("x", b"---\nsummary: \xff\n---\nhi")
    with pytest.raises(BadAgent, match="256 KiB or less"):
        parse_agent("x", b"x" * 300_000)


@given(st.text(max_size=300), st.binary(max_size=100))
def test_no_text_breaks_the_reader(text: str, data: bytes) -> None:
    plain = text.encode("utf-8", "surrogatepass")
    for raw in (plain, data, b"---\n" + data + b"\n---\nhi", b"---\n" + plain + b"\n---\nx"):
        with suppress(BadAgent):
            parse_agent("x", raw)
