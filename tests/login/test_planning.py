"""What `connect` would do: servers by the address, names, places; and words that make no sense."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from commands.accounts import Plan, Wish
from commands.command import Failure, Usage
from providers.memory import Memory
from spatio.login import planning
from spatio.login.kinds import Domain
from spatio.login.mailhosts import known_hosts
from spatio.login.planning import account_of, plan
from vfs.errors import Exists
from vfs.mount import Mount, MountTable
from vfs.path import Path

MAIL = Path(("mail",))


def table(**mounts: tuple[str, Mapping[str, str]]) -> MountTable:
    """Mounts by their paths, with `__` for a slash."""
    made = MountTable()
    for path, (provider, options) in mounts.items():
        made.add(Mount(Path(tuple(path.split("__"))), provider, Memory, options=options))
    return made


def imap(address: str = "", mounts: MountTable | None = None, **more: str) -> Plan:
    at = more.pop("at", "")
    name = more.pop("name", "")
    place = Path.parse(at) if at else None
    return plan(Wish("imap", address, name, place, options=more), mounts or MountTable())


def test_the_servers_of_a_well_known_provider_are_known() -> None:
    made = imap("ada@fastmail.com")
    assert made.account.path == MAIL
    assert made.account.name == "fastmail"
    assert made.account.place == "imap.fastmail.com:993 (TLS), smtp.fastmail.com:465 (TLS)"
    assert made.options == {
        "host": "imap.fastmail.com", "user": "ada@fastmail.com", "smtp_host": "smtp.fastmail.com",
        "collection": "mail:ada@fastmail.com",
    }  # fmt: skip
    assert "app password" in made.remarks[0]
    assert imap("ada@ICLOUD.com").account.place.endswith("smtp.mail.me.com:587 (STARTTLS)")
    assert known_hosts("example.org") is None


def test_what_is_said_goes_before_what_is_known() -> None:
    made = imap("ada@fastmail.com", smtp_host="smtp.example.org", smtp_port="2525", smtp_security="starttls")
    assert made.account.place == "imap.fastmail.com:993 (TLS), smtp.example.org:2525 (STARTTLS)"
    own = imap("ada@fastmail.com", host="mail.example.org", user="ada")
    assert own.account.place == "mail.example.org:993 (TLS)"
    assert (own.options["user"], own.options["address"]) == ("ada", "ada@fastmail.com")
    assert "cannot be sent" in own.remarks[0]


def test_a_provider_that_takes_no_passwords_is_told() -> None:
    with pytest.raises(Failure, match="Microsoft takes no passwords"):
        imap("ada@outlook.com")


def test_a_server_without_a_name_gives_none_to_its_account() -> None:
    for host in ("192.168.1.5", "[fd00::5]", "127.0.0.1"):
        wish = Wish("caldav", "", "", None, options={"url": f"https://{host}:5232/", "user": "ada"})
        assert plan(wish, MountTable()).account.name == "caldav"


@pytest.mark.parametrize(
    ("address", "more", "says"),
    [
        ("", {}, "needs an address or a --user"),
        ("ada@example.org", {}, "the servers of example.org are not known"),
        ("ada", {"host": "h"}, "an address is NAME@DOMAIN"),
        ("a b@example.org", {"host": "h"}, "an address is NAME@DOMAIN"),
        ("ada\x1b@example.org", {"host": "h"}, "an address is NAME@DOMAIN"),
        ("", {"user": "ada\n", "host": "h"}, "needs an address or a --user"),
        ("", {"user": "u" * 400, "host": "h"}, "needs an address or a --user"),
        ("ada@example.org", {"host": "h h"}, "a host is a name or an address"),
        ("ada@example.org", {"host": "http://evil/"}, "a host is a name or an address"),
        ("ada@example.org", {"host": "-oProxy"}, "a host is a name or an address"),
        ("ada@example.org", {"host": "h", "smtp_host": "x" * 300}, "a host is a name or an address"),
        ("ada@example.org", {"host": "h", "name": "A/../B"}, "a name is lower-case letters"),
    ],
)
def test_words_that_make_no_sense_are_told(address: str, more: Mapping[str, str], says: str) -> None:
    with pytest.raises(Usage, match=says):
        imap(address, **more)


def test_hosts_may_be_addresses() -> None:
    for host in ("127.0.0.1", "::1", "[::1]", "mail", "mail.example.org"):
        assert imap("ada@example.org", host=host).options["host"] == host


def test_a_second_account_moves_the_first() -> None:
    mounts = table(mail=("imap", {"host": "h", "user": "ada@fastmail.com"}))
    made = imap("eve@posteo.de", mounts)
    assert made.account.path == MAIL.child("posteo")
    assert made.moves == [(MAIL, MAIL.child("fastmail"))]
    alike = imap("eve@fastmail.com", mounts)
    assert alike.account.name == "fastmail-eve"
    elsewhere = imap("eve@posteo.de", mounts, at="/post")
    assert (elsewhere.account.path, elsewhere.moves) == (Path(("post",)), ())
    with pytest.raises(Exists, match="something is mounted"):
        imap("eve@posteo.de", mounts, at="/mail")
    with pytest.raises(Exists, match="another account has this name"):
        imap("eve@posteo.de", mounts, name="fastmail")


def test_a_third_account_goes_beside_the_others() -> None:
    mounts = table(
        mail=("union", {}), mail__work=("gmail", {"address": "ada@work.example"}),
        mail__home=("imap", {"host": "h", "user": "ada"}),
    )  # fmt: skip
    made = imap("eve@posteo.de", mounts)
    assert (made.account.path, made.moves) == (MAIL.child("posteo"), ())


def test_something_else_at_mail_is_left_alone() -> None:
    with pytest.raises(Exists, match="notes is mounted here"):
        imap("ada@posteo.de", table(mail=("notes", {})))


def test_an_account_that_is_there_is_logged_in_anew() -> None:
    mounts = table(mail=("imap", {"host": "posteo.de", "user": "ada@posteo.de", "smtp_host": "posteo.de"}))
    again = imap("ada@posteo.de", mounts)
    assert (again.again, again.account.path, again.moves) == (True, MAIL, ())
    # As the hint of a refused password says it.
    assert imap("", mounts, host="posteo.de", user="ada@posteo.de").again
    with pytest.raises(Exists, match="connected here already"):
        imap("ada@posteo.de", mounts, host="other.example.org")
    with pytest.raises(Exists, match="connected here already"):
        imap("ada@posteo.de", mounts, at="/other")
    with pytest.raises(Exists, match="connected here already"):
        imap("ada@posteo.de", mounts, host="posteo.de", port="1")


def test_what_an_account_is() -> None:
    assert account_of(Mount(MAIL, "notes", Memory)) is None
    named = account_of(Mount(MAIL, "gmail", Memory, options={"address": "Ada L. <ada@gmail.com>"}))
    assert named is not None
    assert (named.name, named.address, named.place) == ("gmail", "ada@gmail.com", "Gmail")
    plain = account_of(
        Mount(MAIL.child("x"), "imap", Memory, options={"host": "mail.example.org", "user": "ada"})
    )
    assert plain is not None
    assert (plain.name, plain.address) == ("x", "ada@mail.example.org")


def test_what_is_for_the_other_kind_is_told() -> None:
    with pytest.raises(Usage, match="are for gmail"):
        plan(Wish("imap", "ada@posteo.de", device=True), MountTable())
    with pytest.raises(Usage, match="Gmail has no setting smtp-host"):
        plan(Wish("gmail", options={"smtp_host": "x"}), MountTable())
    with pytest.raises(Usage, match="an address is NAME@DOMAIN"):
        plan(Wish("gmail", "ada"), MountTable())


def test_an_account_takes_the_place_of_what_nobody_has_used(monkeypatch: pytest.MonkeyPatch) -> None:
    domain = Domain("mail", MAIL, local="calendar")
    monkeypatch.setattr(planning, "DOMAINS", (domain,))
    mounts = table(mail=("calendar", {}))
    made = plan(Wish("imap", "ada@posteo.de"), mounts)
    assert (made.account.path, made.moves) == (MAIL, ())
    there = plan(Wish("imap", "ada@posteo.de", at=MAIL), mounts)
    assert (there.account.path, there.moves) == (MAIL, ())


def test_what_is_kept_here_alone_moves_aside_for_an_account(monkeypatch: pytest.MonkeyPatch) -> None:
    domain = Domain("mail", MAIL, local="calendar")
    monkeypatch.setattr(planning, "DOMAINS", (domain,))
    mounts = table(mail=("calendar", {}))
    made = plan(Wish("imap", "ada@posteo.de"), mounts, lambda mount: False)
    assert (made.account.path, made.moves) == (MAIL.child("posteo"), [(MAIL, MAIL.child("local"))])
    with pytest.raises(Exists, match="another account has this name"):
        plan(Wish("imap", "ada@posteo.de", "local"), mounts, lambda mount: False)
    beside = table(mail=("union", {}), mail__local=("calendar", {}))
    third = plan(Wish("imap", "ada@posteo.de"), beside, lambda mount: False)
    assert (third.account.path, third.moves) == (MAIL.child("posteo"), ())
