from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.mail.gmail.labels import Labels

SYSTEM = ("INBOX", "SENT", "DRAFT", "TRASH", "SPAM", "CHAT", "UNREAD", "STARRED", "IMPORTANT")


def labels(*names: str) -> Labels:
    said = [{"id": f"Label_{number}", "name": name, "type": "user"} for number, name in enumerate(names)]
    return Labels([*said, {"id": "INBOX", "name": "INBOX", "type": "system"}])


def paths(*names: str) -> list[str]:
    return [str(one.path) for one in labels(*names).collections()][6:]


def test_labels_are_folders_one_below_the_other() -> None:
    assert paths("Projects/Spatio Shell", "Projects", "Übung") == [
        "/projects",
        "/übung",
        "/projects/spatio-shell",
    ]


def test_a_label_below_none_has_a_folder_above_it() -> None:
    found = labels("A/B/C").collections()[6:]
    assert [(str(one.path), one.selectable) for one in found] == [
        ("/a", False),
        ("/a/b", False),
        ("/a/b/c", True),
    ]


def test_labels_alike_have_folders_of_their_own() -> None:
    found = paths("Work", "work", "Sent", "inbox")
    assert len(set(found)) == 4
    assert not {"/sent", "/inbox"} & set(found)


@pytest.mark.parametrize("name", ["..", ".", "/", "a//b", "../../etc", "\x1b[2J", "‮x", ".rules", "a\0b", " "])
def test_a_hostile_label_is_a_harmless_folder(name: str) -> None:
    for path in paths(name):
        assert path.isprintable()
        assert not any(part.startswith(".") or not part for part in path.split("/")[1:])


@given(st.lists(st.text(max_size=20), max_size=12))
def test_each_folder_has_one_path_and_one_key_and_stands_behind_the_one_above(names: list[str]) -> None:
    unique = list(dict.fromkeys(name.encode("utf-8", "replace").decode() for name in names))
    found = labels(*unique).collections()
    seen: set[str] = {"/"}
    for one in found:
        assert str(one.path) not in seen
        assert str(one.path.parent) in seen
        seen.add(str(one.path))
    assert len({one.key for one in found}) == len(found)
    assert sum(one.selectable for one in found) == 6 + len(unique)


@given(st.frozensets(st.sampled_from([*SYSTEM, "Label_0", "Label_1", "CATEGORY_UPDATES", "Label_99"])))
def test_every_mail_but_a_chat_is_in_some_folder(held: frozenset[str]) -> None:
    known = labels("One", "Two")
    folders = known.folders(held)
    assert bool(folders) is ("CHAT" not in held or bool(held & {"TRASH", "SPAM", "DRAFT"}))
    assert folders <= {one.key for one in known.collections()}


@given(
    st.fixed_dictionaries(
        {"unread": st.booleans(), "flagged": st.booleans(), "labels": st.sampled_from([(), ("One",)])}
    ),
    st.fixed_dictionaries(
        {"unread": st.booleans(), "flagged": st.booleans(), "labels": st.sampled_from([(), ("Two",)])}
    ),
)
def test_a_turn_leads_from_one_state_to_another(base: dict[str, object], wanted: dict[str, object]) -> None:
    known = labels("One", "Two")
    held = known.turn({}, base).add  # type: ignore[arg-type]
    turn = known.turn(base, wanted)  # type: ignore[arg-type]
    assert known.state((held | turn.add) - turn.remove) == wanted
    assert not turn.add & turn.remove
