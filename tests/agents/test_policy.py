from __future__ import annotations

import pytest

from spatio.policy import QUESTIONS, Pattern, Policy, Rule, Verdict
from vfs.action import Effect
from vfs.drive import drive
from vfs.errors import NotFound, Refused
from vfs.path import Path

READ, WRITE, DELETE = Effect.READ, Effect.WRITE, Effect.DELETE


def path(text: str) -> Path:
    return Path.parse(text)


def rule(effects: Effect, text: str, verdict: Verdict = Verdict.ALLOW) -> Rule:
    return Rule(effects, Pattern(text), verdict)


class Person:
    """Answers questions, and remembers them."""

    def __init__(self, *answers: bool) -> None:
        self.answers = list(answers)
        self.asked: list[str] = []

    async def ask(self, question: str) -> bool:
        self.asked.append(question)
        return self.answers.pop(0) if self.answers else False


@pytest.mark.parametrize(
    ("pattern", "covered", "others"),
    [
        ("/notes", ["/notes", "/notes/a", "/notes/a/b"], ["/", "/notes-secret", "/note"]),
        ("/notes/**", ["/notes", "/notes/a", "/notes/a/b"], ["/", "/notes2/a"]),
        ("/notes/*", ["/notes/a", "/notes/a/b"], ["/notes", "/"]),
        ("/notes/2026-*", ["/notes/2026-01", "/notes/2026-01/x"], ["/notes/2025-01", "/notes"]),
        ("/**/*.pdf", ["/a.pdf", "/x/y/a.pdf", "/x/a.pdf/b"], ["/a.pdfx", "/x/y"]),
        ("/a/**/b/**/c", ["/a/b/c", "/a/x/b/y/z/c/d"], ["/a/b", "/a/c/b"]),
        ("/[ab]?", ["/a1", "/b2/x"], ["/c1", "/a", "/a12"]),
        ("/", ["/", "/x"], []),
        ("/notes/../files", ["/files/x"], ["/notes/x"]),
    ],
)
def test_a_pattern_covers_what_it_matches_and_all_below(
    pattern: str, covered: list[str], others: list[str]
) -> None:
    made = Pattern(pattern)
    assert [text for text in covered if not made.covers(path(text))] == []
    assert [text for text in others if made.covers(path(text))] == []


def test_a_pattern_of_many_wildcards_stays_quick() -> None:
    made = Pattern("/" + "/".join(["**", "*a*a*a*a*a*a*b"] * 20))
    assert not made.covers(path("/" + "/".join(["a" * 200] * 60)))


def test_the_last_rule_that_covers_decides_and_none_denies() -> None:
    policy = Policy(
        [
            rule(READ | WRITE, "/notes"),
            rule(WRITE, "/notes/old", Verdict.ASK),
            rule(READ, "/notes/private", Verdict.DENY),
            rule(READ, "/notes/private/open", Verdict.ALLOW),
        ]
    )
    assert policy.verdict(WRITE, path("/notes/a")) is Verdict.ALLOW
    assert policy.verdict(WRITE, path("/notes/old/a")) is Verdict.ASK
    assert policy.verdict(DELETE, path("/notes/a")) is Verdict.DENY
    assert not policy.sees(path("/notes/private/x"))
    assert policy.sees(path("/notes/private/open/x"))
    assert policy.sees(path("/notes/private"))


def test_folders_on_the_way_show_and_nothing_beside_them() -> None:
    policy = Policy([rule(READ, "/notes/work/**")])
    assert policy.sees(path("/"))
    assert policy.sees(path("/notes"))
    assert not policy.sees(path("/notes/home"))
    assert not policy.sees(path("/files"))
    drive(policy.check(READ, path("/notes")))
    with pytest.raises(NotFound):
        drive(policy.check(READ, path("/files/x")))
    with pytest.raises(Refused):
        drive(policy.check(WRITE, path("/notes")))


def test_what_may_not_be_read_cannot_be_changed_either() -> None:
    policy = Policy([rule(WRITE | DELETE, "/notes"), rule(READ, "/tmp")])
    with pytest.raises(NotFound):
        drive(policy.check(WRITE, path("/notes/a")))


@pytest.mark.parametrize("where", ["/agents", "/agents/x.md", "/sys/events"])
def test_agents_and_sys_are_never_changed(where: str) -> None:
    policy = Policy([rule(READ | WRITE | DELETE, "/")])
    with pytest.raises(Refused):
        drive(policy.check(WRITE, path(where)))
    with pytest.raises(Refused):
        drive(policy.check(DELETE, path(where)))


def test_nothing_runs_and_what_leaves_or_costs_is_asked_whatever_a_rule_says() -> None:
    everything = Effect.READ | Effect.SEND | Effect.SPEND | Effect.RUN
    policy = Policy([rule(everything, "/")])
    with pytest.raises(Refused):
        drive(policy.check(Effect.RUN, path("/x")))
    for effect in (Effect.SEND, Effect.SPEND):
        with pytest.raises(Refused, match="nobody is there"):
            drive(policy.check(effect, path("/mail/x")))
    person = Person(True)
    asked = Policy([rule(everything, "/")], asker=person.ask)
    drive(asked.check(Effect.SEND, path("/mail/x")))
    assert len(person.asked) == 1


def test_an_approval_holds_for_its_path_what_is_below_and_its_deed() -> None:
    person = Person(True, True, True, True)
    policy = Policy([rule(READ, "/"), rule(DELETE, "/", Verdict.ASK)], asker=person.ask)
    with policy.deed("rm -r /a"):
        drive(policy.check(DELETE, path("/a")))
        drive(policy.check(DELETE, path("/a/b")))
        assert len(person.asked) == 1
        drive(policy.check(DELETE, path("/ab")))
        assert len(person.asked) == 2
    with policy.deed("rm -r /a"):
        drive(policy.check(DELETE, path("/a")))
    assert len(person.asked) == 3


def test_an_approval_is_for_one_effect() -> None:
    person = Person(True, False)
    policy = Policy([rule(READ, "/"), rule(WRITE | DELETE, "/", Verdict.ASK)], asker=person.ask)
    with policy.deed("x"):
        drive(policy.check(WRITE, path("/a")))
        with pytest.raises(Refused, match="declined"):
            drive(policy.check(DELETE, path("/a")))


def test_questions_come_to_an_end() -> None:
    person = Person(*[True] * 100)
    policy = Policy([rule(READ, "/"), rule(DELETE, "/", Verdict.ASK)], asker=person.ask)
    refused = 0
    with policy.deed("many"):
        for at in range(50):
            try:
                drive(policy.check(DELETE, path(f"/{at}")))
            except Refused:
                refused += 1
    assert (len(person.asked), refused) == (QUESTIONS, 50 - QUESTIONS)


def test_both_policies_of_nested_agents_must_agree() -> None:
    outer = Policy([rule(READ, "/notes"), rule(WRITE, "/notes/out")])
    inner = Policy([rule(READ | WRITE | DELETE, "/")], outer=outer)
    assert inner.sees(path("/notes/a"))
    assert not inner.sees(path("/files"))
    drive(inner.check(WRITE, path("/notes/out/x")))
    with pytest.raises(Refused):
        drive(inner.check(WRITE, path("/notes/a")))
    narrow = Policy([rule(READ, "/notes/one")], outer=outer)
    assert not narrow.sees(path("/notes/two"))


def test_a_command_that_was_not_given_is_refused_in_each_layer() -> None:
    outer = Policy([], commands={"ls"}.__contains__)
    inner = Policy([], commands={"ls", "cat"}.__contains__, outer=outer)
    drive(inner.check_command("ls", READ))
    with pytest.raises(Refused, match="may not use cat"):
        drive(inner.check_command("cat", READ))
    with pytest.raises(Refused):
        drive(Policy([]).check_command("anything", Effect.RUN))


def test_what_is_noted_is_each_change_and_each_refusal() -> None:
    notes: list[tuple[Effect, str, Verdict]] = []

    async def note(effect: Effect, where: Path, verdict: Verdict) -> None:
        notes.append((effect, str(where), verdict))

    policy = Policy([rule(READ | WRITE, "/")], note=note)
    drive(policy.check(READ, path("/a")))
    drive(policy.check(WRITE, path("/a")))
    with pytest.raises(Refused):
        drive(policy.check(DELETE, path("/a")))
    assert notes == [(WRITE, "/a", Verdict.ALLOW), (DELETE, "/a", Verdict.DENY)]


def test_what_waits_in_the_outbox_may_be_read_and_never_touched() -> None:
    everything = READ | WRITE | DELETE | Effect.SEND | Effect.SPEND
    policy = Policy([rule(everything, "/")])
    assert policy.verdict(READ, path("/outbox/x")) is Verdict.ALLOW
    for effect in (WRITE, DELETE, Effect.SEND, Effect.SPEND):
        assert policy.verdict(effect, path("/outbox/x")) is Verdict.DENY


def test_what_a_rule_denies_below_a_folder_is_known() -> None:
    allowed, denied = rule(READ | WRITE, "/a"), Verdict.DENY
    policy = Policy(
        [allowed, rule(READ, "/a/x/*.md", denied), rule(WRITE, "/a/y", denied), rule(WRITE, "/a/y/z")]
    )
    assert policy.forbids_below(READ, path("/a"))
    assert policy.forbids_below(READ, path("/a/x"))
    assert not policy.forbids_below(READ, path("/a/y"))
    assert policy.forbids_below(WRITE, path("/a/y"))
    assert not policy.forbids_below(WRITE, path("/a/y/z"))
    assert not policy.forbids_below(WRITE, path("/a/x"))
    assert policy.forbids_below(READ, path("/elsewhere"))
    outer = Policy([allowed, rule(READ, "/a/z", denied)])
    assert Policy([allowed], outer=outer).forbids_below(READ, path("/a"))
    assert not Policy([outer.rules[1], rule(READ, "/a")]).forbids_below(READ, path("/a"))
