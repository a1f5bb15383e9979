"""Which store a run uses: option before environment before config, and no two share their objects."""

from __future__ import annotations

import os
import pathlib
import stat

import keyring
import pytest

from providers.s3.address import Location
from providers.store.sqlite import SqliteStore
from spatio.config import ConfigError, StoreSetting, load_config
from spatio.configfile import set_store
from spatio.paths import Places, places
from spatio.secrets import Secret, Vault
from spatio.storing import Chosen, choose, keyring_entry, password_of
from spatio.workspace import open_workspace
from tests.spatio.test_secrets import Ring
from vfs.drive import drive
from vfs.errors import Conflict, NotFound

PG = "postgresql://ada@db.example.org/spatio"
KEPT = StoreSetting(PG, "postgresql://ada@db-1.example.org/spatio", "s3://bucket/a", "ada")


@pytest.fixture
def where(tmp_path: pathlib.Path) -> Places:
    return places(tmp_path / "home")


def chosen(
    where: Places,
    setting: StoreSetting | None = None,
    store: str | None = None,
    objects: str | None = None,
    **environ: str,
) -> Chosen:
    return choose(where, setting, store, objects, environ)


def test_the_option_goes_before_the_environment_and_that_before_the_config(where: Places) -> None:
    variable = "postgresql://eve@other/x"
    assert chosen(where).address.text == where.database
    assert chosen(where, KEPT).address.text == PG
    assert chosen(where, KEPT, SPATIO_DATABASE_URL=variable).address.text == variable
    assert chosen(where, KEPT, "/srv/a.db", SPATIO_DATABASE_URL=variable).address.text == "/srv/a.db"


def test_objects_go_the_same_way(where: Places) -> None:
    bucket = chosen(where, KEPT).objects
    assert isinstance(bucket, Location)
    assert bucket.name == "s3://bucket/a"
    assert chosen(where, KEPT, SPATIO_OBJECTS="/srv/o").objects == "/srv/o"
    assert chosen(where, KEPT, None, "/srv/p", SPATIO_OBJECTS="/srv/o").objects == "/srv/p"
    assert chosen(where, None, None, "/srv/p").facts == {
        "store": where.database, "engine": "sqlite", "objects": "/srv/p", "user": "me",
    }  # fmt: skip


def test_objects_of_the_environment_go_with_the_database_of_the_environment(where: Places) -> None:
    both = {"SPATIO_DATABASE_URL": "postgresql://eve:pw@other/x", "SPATIO_OBJECTS": "/srv/o"}
    assert chosen(where, KEPT, **both).objects == "/srv/o"
    assert chosen(where, KEPT, "postgresql://eve@other/x", **both).objects == "/srv/o"
    assert chosen(where, KEPT, "postgresql://eve@another/x", **both).objects != "/srv/o"
    assert chosen(where, KEPT, "/srv/a.db", SPATIO_DATABASE_URL="nonsense://").address.text == "/srv/a.db"


def test_what_the_config_says_beside_its_url_holds_for_that_database_only(where: Places) -> None:
    same = chosen(where, KEPT, SPATIO_DATABASE_URL="postgresql://ada:pw@db.example.org/spatio")
    assert (same.user, same.direct) == ("ada", KEPT.direct)
    assert isinstance(same.objects, Location)
    other = chosen(where, KEPT, "postgresql://ada@db.example.org/another")
    assert (other.user, other.direct) == ("me", "")
    assert isinstance(other.objects, str)


def test_each_database_has_a_folder_of_objects_of_its_own(where: Places) -> None:
    found = [
        chosen(where, None, store).objects
        for store in (
            None,
            PG,
            f"{PG}2",
            "postgresql://db.example.org/spatio",
            "/srv/a.db",
            "/srv/b.db",
            "/srv/spatio.db",
        )
    ]
    found.append(chosen(where, StoreSetting(PG, user="eve")).objects)
    assert len(set(found)) == len(found)
    assert found[0] == where.objects
    assert found[-2] == "/srv/objects"
    assert "pw" not in str(chosen(where, None, "postgresql://ada:pw@h/x").objects)


def test_users_of_one_bucket_have_a_prefix_each(where: Places) -> None:
    mine = chosen(where, KEPT)
    other = chosen(where, KEPT._replace(user="eve/../ada"))
    assert mine.prefix == "a/ada/"
    assert other.prefix == "a/eve%2F..%2Fada/"


@pytest.mark.parametrize(
    ("name", "store", "environ"),
    [
        ("--store", "postgresql://h:x/y", {}),
        ("SPATIO_DATABASE_URL", None, {"SPATIO_DATABASE_URL": "postgresql://h:x/y"}),
    ],
)
def test_a_mistake_names_where_it_stands(
    where: Places, name: str, store: str | None, environ: dict[str, str]
) -> None:
    with pytest.raises(ConfigError) as caught:
        chosen(where, None, store, **environ)
    assert str(caught.value) == f"{name}: the port is not a number from 1 to 65535"
    assert caught.value.status == 2


def test_a_place_without_a_workspace_is_told_and_not_made(where: Places, tmp_path: pathlib.Path) -> None:
    elsewhere = chosen(where, None, str(tmp_path / "typo.db"))
    with pytest.raises(NotFound, match="there is no workspace here"):
        elsewhere.look(elsewhere.connect())
    assert not list(tmp_path.glob("typo*"))


def test_the_workspaces_own_database_is_made_by_its_first_use(where: Places, tmp_path: pathlib.Path) -> None:
    own = chosen(where, None, None, str(tmp_path / "objects"))
    store = own.connect()
    own.look(store)
    assert isinstance(store, SqliteStore)
    assert os.path.exists(where.database)
    drive(store.aclose())


# -- the config


def put(where: Places, text: str) -> None:
    os.makedirs(where.config, exist_ok=True)
    pathlib.Path(where.config_file).write_text(text, encoding="utf-8")


def test_the_config_names_a_store(where: Places) -> None:
    put(where, f'[store]\nurl = "{PG}"\nobjects = "s3://bucket/a"\nuser = "ada"\n')
    assert load_config(where).store == StoreSetting(PG, "", "s3://bucket/a", "ada")
    put(where, "[store]\n")
    assert load_config(where).store is None


@pytest.mark.parametrize(
    ("text", "line", "says", "hint"),
    [
        (
            'url = "postgresql://ada:c4nary@h/x"',
            2,
            "passwords are not kept in the config",
            "spatio key store",
        ),
        (
            f'url = "{PG}"\ndirect = "postgresql://ada:c4nary@h/x"',
            3,
            "passwords are not kept",
            "spatio key store",
        ),
        ('url = "postgresql://h/x?password=c4nary"', 2, "a password is no option", "keyring"),
        (f'url = "{PG}"\npassword = "c4nary"', 3, "secrets are not kept in the config", "spatio key store"),
        ('url = "postgressql://h/x"', 2, "no kind of store", "did you mean postgresql:?"),
        ('ulr = "x"', 2, "unknown key ulr", "did you mean url?"),
        ('url = "a.db"', 2, "depends on the folder", "whole path"),
        ('objects = "o"', 2, "depends on the folder", "whole path"),
        ('objects = "s3://key:c4nary@bucket"', 2, "keys do not belong", "AWS_ACCESS_KEY_ID"),
        (f'url = "{PG}"\ndirect = "/srv/a.db"', 3, "must be a postgresql:// address", None),
        (f'direct = "{PG}"', 2, "beside url only", None),
        (f'url = "{PG}"\nuser = "a\\nb"', 3, "user must be a name", None),
        ("url = 1", 2, "url must be text", None),
    ],
)
def test_a_mistake_in_the_config_names_its_line_and_no_secret(
    where: Places, text: str, line: int, says: str, hint: str | None
) -> None:
    put(where, f"[store]\n{text}\n")
    with pytest.raises(ConfigError) as caught:
        load_config(where)
    told = f"{caught.value} | {caught.value.hint}"
    assert told.startswith(f"{where.config_file}:{line}: ")
    assert says in told
    assert (hint or "") in told
    assert "c4nary" not in told


# -- the password


def test_a_password_in_the_address_goes_before_all_others(where: Places) -> None:
    address = chosen(where, None, "postgresql://ada:one@h/x").address
    found = password_of(address, {"PGPASSWORD": "two"}, Vault(where, {}))
    assert found == Secret("one")


@pytest.fixture
def ring(monkeypatch: pytest.MonkeyPatch) -> Ring:
    made = Ring()
    monkeypatch.setattr(keyring, "get_keyring", lambda: made)
    return made


def test_the_keyring_is_asked_for_the_password_of_this_login_only(where: Places, ring: Ring) -> None:
    address = chosen(where, None, PG).address
    assert keyring_entry(address) == "store:ada@db.example.org"
    Vault(where, {}).keep(keyring_entry(address), Secret("kept"))
    nobody = {"PGPASSFILE": "/nowhere"}
    assert password_of(address, nobody, Vault(where, {})) == Secret("kept")
    for other in (
        "postgresql://eve@db.example.org/x",
        "postgresql://ada@evil.example.org/x",
        f"{PG[:28]}:5433/x",
    ):
        assert password_of(chosen(where, None, other).address, nobody, Vault(where, {})) is None


@pytest.mark.parametrize(
    ("line", "matches"),
    [
        ("db.example.org:5432:spatio:ada:pw", True),
        ("*:*:*:*:pw", True),
        ("*:*:*:eve:pw", False),
        ("other:*:*:ada:pw", False),
        ("# db.example.org:5432:spatio:ada:pw", False),
        ("nonsense", False),
    ],
)
def test_what_the_driver_finds_itself_is_left_to_it(
    where: Places, ring: Ring, tmp_path: pathlib.Path, line: str, matches: bool
) -> None:
    address = chosen(where, None, PG).address
    Vault(where, {}).keep(keyring_entry(address), Secret("kept"))
    file = tmp_path / "pgpass"
    file.write_text(f"{line}\n")
    file.chmod(stat.S_IRUSR)
    found = password_of(address, {"PGPASSFILE": str(file)}, Vault(where, {}))
    assert found == (None if matches else Secret("kept"))
    assert password_of(address, {"PGPASSWORD": "x"}, Vault(where, {})) is None
    socket = chosen(where, None, "postgresql:///x?host=/run/postgresql").address
    assert password_of(socket, {"PGPASSFILE": "/nowhere"}, Vault(where, {})) is None


def test_a_program_that_began_before_the_store_was_changed_writes_nothing_to_the_old_one(
    where: Places, tmp_path: pathlib.Path
) -> None:
    early, named = (
        open_workspace(where.config),
        open_workspace(where.config, address=str(tmp_path / "named.db")),
    )
    set_store(where.config_file, StoreSetting(str(tmp_path / "new.db")))
    with pytest.raises(Conflict, match="names another store than when this program began"):
        early.store()
    assert not os.path.exists(where.database)
    with pytest.raises(NotFound, match="there is no workspace here"):
        named.store()


def test_a_config_that_is_being_edited_does_not_keep_a_program_from_its_store(where: Places) -> None:
    workspace = open_workspace(where.config)
    os.makedirs(os.path.dirname(where.config_file), exist_ok=True)
    pathlib.Path(where.config_file).write_text("[store\n")
    drive(workspace.store().aclose())
