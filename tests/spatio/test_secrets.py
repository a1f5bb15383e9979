from __future__ import annotations

import copy
import io
import pickle
import time
from collections.abc import Iterator

import keyring
import keyring.backend
import pytest

from spatio import cli, secrets
from spatio.secrets import Secret, find_secret, keep_secret, keyring_name, redact
from spatio.start import Start
from vfs.errors import Unavailable

KEY = "sk-canary-0123456789abcdef"


class Ring(keyring.backend.KeyringBackend):
    """A keyring in memory."""

    priority = 5  # type: ignore[assignment]

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def delete_password(self, service: str, username: str) -> None:
        del self.kept[service, username]

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password


class Weak(Ring):
    """One that would keep it in a plain file."""

    priority = 0.5  # type: ignore[assignment]


class Stuck(Ring):
    """One that waits for somebody to unlock it."""

    def get_password(self, service: str, username: str) -> str | None:
        time.sleep(1.0)
        return KEY


for made in (Ring, Weak, Stuck):
    keyring.backend.KeyringBackend._classes.discard(made)  # type: ignore[attr-defined]


@pytest.fixture
def use() -> Iterator[object]:
    before = keyring.get_keyring()
    yield keyring.set_keyring
    keyring.set_keyring(before)


def test_a_secret_does_not_show_itself() -> None:
    secret = Secret(KEY)
    assert KEY not in f"{secret} {secret!r} {secret!s} {[secret]} {vars(type(secret))}"
    for store in (pickle.dumps, copy.copy):
        with pytest.raises(TypeError):
            store(secret)


def test_the_environment_comes_before_the_keyring(use) -> None:  # type: ignore[no-untyped-def]
    ring = Ring()
    use(ring)
    keep_secret("openai", Secret(KEY))
    found = find_secret("openai", "OPENAI_API_KEY", {})
    assert found == (Secret(KEY), "keyring")
    found = find_secret("openai", "OPENAI_API_KEY", {"OPENAI_API_KEY": "other"})
    assert found == (Secret("other"), "environment")
    assert find_secret("none", "NONE", {}) is None
    assert keyring_name() is not None


def test_a_weak_keyring_is_neither_read_nor_written(use) -> None:  # type: ignore[no-untyped-def]
    ring = Weak()
    ring.kept["spatio", "openai"] = KEY
    use(ring)
    assert find_secret("openai", "X", {}) is None
    assert keyring_name() is None
    with pytest.raises(Unavailable, match="nothing was written"):
        keep_secret("new", Secret(KEY))
    assert ("spatio", "new") not in ring.kept


def test_a_keyring_that_does_not_answer_is_not_waited_for(use, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setattr(secrets, "WAIT", 0.05)
    use(Stuck())
    assert find_secret("openai", "X", {}) is None


def test_a_key_is_taken_out_of_what_a_server_says() -> None:
    said = f"Incorrect API key provided: {KEY}; it ends in {KEY[-8:]}"
    assert KEY[-8:] not in redact(said, [Secret(KEY), None])
    assert redact("nothing here", [Secret(KEY)]) == "nothing here"


def key(monkeypatch: pytest.MonkeyPatch, *words: str, typed: str = "") -> int:
    monkeypatch.setattr("sys.stdin", io.StringIO(typed))
    return cli.run(Start(("key", *words)))


def test_a_key_is_read_from_standard_input_and_found_by_its_endpoint(use, monkeypatch, capfd) -> None:  # type: ignore[no-untyped-def]
    use(Ring())
    assert key(monkeypatch, "work", typed=f"{KEY}\n") == 0
    assert find_secret("work", "", {}) == (Secret(KEY), "keyring")
    assert key(monkeypatch, "--remove", "work") == 0
    assert find_secret("work", "", {}) is None
    assert key(monkeypatch, "--remove", "work") == 1
    out, err = capfd.readouterr()
    assert "the key work is in the keyring" in err
    assert KEY not in out + err


def test_what_is_no_key_is_not_kept(use, monkeypatch, capfd) -> None:  # type: ignore[no-untyped-def]
    ring = Ring()
    use(ring)
    assert key(monkeypatch, "work", typed="") == 2
    assert key(monkeypatch, "work", typed="two words") == 2
    assert key(monkeypatch, KEY, typed="x") == 2
    assert ring.kept == {}
    assert KEY not in "".join(capfd.readouterr())


def test_without_a_keyring_the_environment_is_named(use, monkeypatch, capfd) -> None:  # type: ignore[no-untyped-def]
    use(Weak())
    assert key(monkeypatch, "work", typed=KEY) == 75
    assert "OPENAI_API_KEY" in capfd.readouterr().err
