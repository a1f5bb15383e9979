"""Addresses of stores and objects: what they name, and what is told of those that make no sense."""

from __future__ import annotations

import os
import pathlib

import pytest

from providers.s3.address import Location
from providers.store.postgres.address import parse_address
from spatio.addresses import WrongAddress, objects_address, shown, store_address

CANARY = "c4nary"


@pytest.mark.parametrize(
    ("text", "clean", "login"),
    [
        ("postgresql://ada@db.org/spatio", "postgresql://ada@db.org/spatio", "ada@db.org"),
        ("postgres://db/x", "postgresql://db/x", "@db"),
        ("postgresql://ada@db:5432/x", "postgresql://ada@db:5432/x", "ada@db"),
        ("postgresql://ada@db:6543/x?sslmode=require&pool=2",
         "postgresql://ada@db:6543/x?sslmode=require&pool=2", "ada@db:6543"),
        ("postgresql://a%40b@[::1]:5433/x", "postgresql://a%40b@[::1]:5433/x", "a@b@[::1]:5433"),
        ("postgresql:///x?host=/run/postgresql", "postgresql:///x?host=/run/postgresql", "@/run/postgresql"),
    ],
)  # fmt: skip
def test_a_database_is_named_by_its_url(text: str, clean: str, login: str) -> None:
    address = store_address(text)
    assert (address.engine, address.text, address.login, address.password) == (
        "postgresql",
        clean,
        login,
        None,
    )


def test_a_password_stands_apart_and_in_no_text() -> None:
    address = store_address(f"postgresql://ada:{CANARY}%40%2F@db/x?sslmode=require")
    assert address.password is not None
    assert address.password.reveal() == f"{CANARY}@/"
    assert CANARY not in f"{address} {address!r} {address.name} {address.text}"
    assert address.name == "postgresql://ada@db/x"


def test_a_file_is_named_by_its_path(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", "/home/ada")
    for text, path in (
        ("/srv/a.db", "/srv/a.db"),
        ("sqlite:///srv/a%20b.db", "/srv/a b.db"),
        ("sqlite:////srv/a.db", "/srv/a.db"),
        ("sqlite:a.db", str(tmp_path / "a.db")),
        ("~/a.db", "/home/ada/a.db"),
        ("./a:b", str(tmp_path / "a:b")),
        ("data/", str(tmp_path / "data" / "spatio.db")),
        (str(tmp_path), str(tmp_path / "spatio.db")),
    ):
        assert store_address(text)[:2] == ("sqlite", path)
    with pytest.raises(WrongAddress, match="depends on the folder"):
        store_address("a.db", absolute=True)


@pytest.mark.parametrize(
    ("text", "says", "hint"),
    [
        ("postgressql://h/x", "no kind of store postgressql:", "did you mean postgresql:?"),
        ("mysql://h/x", "no kind of store mysql:", "postgresql://ada@db.example.org/spatio"),
        ("s3://bucket", "a bucket holds objects", "--objects s3://"),
        ("localhost:5432/x", "no kind of store localhost:", "postgresql://"),
        ("postgresql:h/x", "no kind of store", "did you mean postgresql:?"),
        ("postgresql:///x", "names no host", "postgresql://"),
        ("postgresql://h", "names no database", "postgresql://"),
        ("postgresql://h/a/b", "has no /", "postgresql://"),
        ("postgresql://h:54x/x", "the port is not a number", "postgresql://"),
        ("postgresql://h:99999/x", "the port is not a number", "postgresql://"),
        ("postgresql://h:/x", "the port is not a number", "postgresql://"),
        ("postgresql://a,b/x", "names one host", "proxy"),
        ("postgresql://[::1/x", "makes no sense", "postgresql://"),
        ("postgresql://h/x?sslmod=require", "an option that there is not", "did you mean sslmode?"),
        ("postgresql://h/x?sslmode=on", "sslmode is one of", None),
        ("postgresql://h/x?pool=many", "pool is a number", None),
        ("postgresql://h/x\n", "control characters", None),
        ("sqlite://h/x", "stands no host", "sqlite:///"),
        ("sqlite:///x?mode=ro", "takes no options", "%3F"),
        ("", "names no file", "postgresql://"),
    ],
)
def test_a_wrong_address_is_told_with_the_nearest_right_thing(text: str, says: str, hint: str | None) -> None:
    with pytest.raises(WrongAddress) as caught:
        store_address(text)
    assert says in caught.value.reason
    assert (hint or "") in (caught.value.hint or "")


@pytest.mark.parametrize(
    "text",
    [
        f"postgresql://ada:{CANARY}/w@h/x",
        f"postgresql://ada:12/{CANARY}@h",
        f"postgresql://ada:12?{CANARY}@h/x",
        f"postgresql://ada:a#{CANARY}@h/x",
        f"postgresql://ada:{CANARY}@h:54x/x",
        f"postgresql://ada:[{CANARY}]@h/x",
        f"postgresql://ada:{CANARY}@/x",
        f"postgresql://h/x?password={CANARY}",
        f"postgresql://h/x?sslpassword={CANARY}",
        f"postgresql://h/x?{CANARY}=1",
        f"mysql://ada:{CANARY}@h/x",
        f"postgressql://ada:{CANARY}@h/x",
        f"http://{CANARY}@h/x",
    ],
)
def test_no_mistake_tells_the_password(text: str) -> None:
    with pytest.raises(WrongAddress) as caught:
        store_address(text)
    assert CANARY not in f"{caught.value} {caught.value.reason} {caught.value.hint}"


def test_objects_lie_in_a_bucket_or_in_a_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    place = objects_address("s3://bucket/a/b?endpoint=https://s3.example.org&region=auto")
    assert isinstance(place, Location)
    assert (place.bucket, place.prefix, shown(place)) == ("bucket", "a/b/", "s3://bucket/a/b")
    monkeypatch.setenv("HOME", "/home/ada")
    assert objects_address("~/objects") == "/home/ada/objects"
    assert objects_address("file:///srv/a%20b") == "/srv/a b"
    assert objects_address("o") == os.path.abspath("o")


@pytest.mark.parametrize(
    ("text", "says", "hint"),
    [
        ("r2://bucket", "no kind of objects r2:", "r2.cloudflarestorage.com"),
        ("gs://bucket", "no kind of objects gs:", "s3://BUCKET"),
        ("postgresql://h/x", "a database is the store", "--store"),
        ("s3:///x", "names no bucket", "s3://"),
        ("s3://key:secret@bucket/x", "keys do not belong", "AWS_ACCESS_KEY_ID"),
    ],
)
def test_wrong_objects_are_told_with_the_nearest_right_thing(text: str, says: str, hint: str) -> None:
    with pytest.raises(WrongAddress) as caught:
        objects_address(text)
    assert says in caught.value.reason
    assert hint in (caught.value.hint or "")
    with pytest.raises(WrongAddress, match="depends on the folder"):
        objects_address("o", absolute=True)


@pytest.mark.parametrize(
    ("text", "encrypted"),
    [
        ("postgresql://ada@db.example.org/x", True),
        ("postgresql:///x?host=db.example.org", True),
        ("postgresql://ada@localhost/x", False),
        ("postgresql:///x?host=127.0.0.1", False),
        ("postgresql:///x?host=/run/postgresql", False),
        ("postgresql:///x?host=db.example.org&sslmode=disable", False),
    ],
)
def test_a_server_that_is_not_this_machine_must_encrypt_however_it_is_named(
    text: str, encrypted: bool
) -> None:
    assert ("sslmode=require" in parse_address(text).dsn) == encrypted
