"""The server's mailboxes under names that a person would type."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from providers.mail.imap.folders import collections
from providers.mail.imap.responses import Listed
from providers.mail.imap.session import key_of, name_of
from providers.mirror.remote import Collection
from tests.imap.post import Replica, drive, message, opened
from tests.servers.dovecot import Mailbox
from vfs.coverage import gathered


def shelf(*names: str | tuple[str, str], delimiter: bytes = b"/") -> list[Listed]:
    pairs = [(name, "") if isinstance(name, str) else name for name in names]
    return [
        Listed(name.encode("utf-8", "surrogateescape"), delimiter, frozenset(flags.lower().split()))
        for name, flags in pairs
    ]


def paths(found: list[Collection]) -> dict[str, str]:
    return {one.key: str(one.path) for one in found}


def test_what_the_server_says_a_folder_is_for_names_it() -> None:
    found = collections(
        shelf(
            "INBOX",
            ("Gesendet", r"\Sent"),
            ("[Gmail]", r"\Noselect"),
            ("[Gmail]/All Mail", r"\All"),
            ("[Gmail]/Bin", r"\Trash"),
            ("[Gmail]/Starred", r"\Flagged"),
            "Work/Project &APw-ber",
        )
    )
    assert paths(found) == {
        "INBOX": "/inbox",
        "Gesendet": "/sent",
        "[Gmail]/All Mail": "/all-mail",
        "[Gmail]/Bin": "/trash",
        "[Gmail]/Starred": "/starred",
        "Work/Project &APw-ber": "/work/project-über",
    }
    assert found[0].role == "inbox"


def test_names_in_many_languages_say_what_a_folder_is_for() -> None:
    found = collections(shelf("INBOX", "Envoy&AOk-s", "Papierkorb", "Entw&APw-rfe", "Spam", "Work/Trash"))
    assert {one.key: one.role for one in found} == {
        "INBOX": "inbox",
        "Envoy&AOk-s": "sent",
        "Papierkorb": "trash",
        "Entw&APw-rfe": "drafts",
        "Spam": "junk",
        "Work/Trash": "",
    }


def test_a_server_that_keeps_all_below_the_inbox_shows_it_not() -> None:
    found = collections(shelf("INBOX", "INBOX.Sent", "INBOX.Work.Bills", delimiter=b"."))
    assert paths(found) == {"INBOX": "/inbox", "INBOX.Sent": "/sent", "INBOX.Work.Bills": "/work/bills"}


def test_names_that_clean_up_alike_stay_two() -> None:
    found = collections(shelf("INBOX", "Work", "work", "WORK!", ("Sent", r"\Sent"), "sent"))
    assert len(set(paths(found).values())) == 6
    assert paths(found)["Sent"] == "/sent"
    again = collections(list(reversed(shelf("INBOX", "Work", "work", "WORK!", ("Sent", r"\Sent"), "sent"))))
    assert paths(again) == paths(found)


def test_hostile_names_become_harmless() -> None:
    found = collections(
        shelf(
            "INBOX", "..", "../../etc/passwd", "a\x1b[2Jb", "&AGEALw-b", "x" * 2000, "\udcff\udcfe", "&-", ""
        )
    )
    for one in found:
        assert all(part not in ("", ".", "..") and "/" not in part for part in one.path.parts)
        assert all(len(part.encode()) <= 255 for part in one.path.parts)
        assert "\x1b" not in str(one.path)
        assert name_of(one.key) in {name.name for name in shelf(*[one.key])} or "%" in one.key


def test_a_name_with_a_line_break_is_left_out_and_said() -> None:
    with gathered() as gaps:
        assert paths(collections(shelf("INBOX", "a\r\nb LOGOUT"))) == {"INBOX": "/inbox"}
    assert len(gaps) == 1


@given(st.binary(min_size=1, max_size=40))
def test_a_key_is_the_name_on_the_wire(name: bytes) -> None:
    assert name_of(key_of(name)) == name
    assert key_of(name).isascii()


@given(st.lists(st.binary(min_size=1, max_size=12), unique=True, max_size=12))
def test_each_mailbox_has_a_path_of_its_own(names: list[bytes]) -> None:
    found = collections([Listed(name, b"/", frozenset()) for name in names])
    assert len({one.path for one in found}) == len(found)
    seen = set()
    for one in found:
        seen.add(one.path)
        assert len(one.path.parts) >= 1


def test_patterns_choose_folders() -> None:
    names = shelf("INBOX", "Work", "Work/Bills", "Lists/a", "Lists/b", ("Trash", r"\Trash"))
    assert set(paths(collections(names, ["inbox", "work*"])).values()) == {"/inbox", "/work", "/work/bills"}
    assert set(paths(collections(names, ["!lists/*", "!trash"])).values()) == {
        "/inbox",
        "/work",
        "/work/bills",
    }


def test_odd_names_are_used_at_a_real_server(box: Mailbox) -> None:
    names = ["R&-D", "Entw&APw-rfe 2", 'a "quoted" one', "100% (done)", "deep/er/still"]
    with box.client() as client:
        for name in names:
            quoted = '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'
            assert client.create(quoted)[0] == "OK"
            assert client.append(quoted, None, None, message(1))[0] == "OK"  # type: ignore[arg-type]

    async def read() -> None:
        async with opened(box) as remote:
            found = {name_of(one.key).decode(): one for one in await remote.collections()}
            assert str(found["R&-D"].path) == "/r-d"
            assert str(found["Entw&APw-rfe 2"].path) == "/entwürfe-2"
            assert str(found["deep/er/still"].path) == "/deep/er/still"
            for name in names:
                kept = await Replica(remote, found[name]).pull()
                batches = [
                    pair async for batch in remote.fetch(found[name], list(kept.items)) for pair in batch
                ]
                assert [content for _, content in batches] == [message(1)]

    drive(read())
