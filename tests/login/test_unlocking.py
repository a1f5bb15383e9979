"""The passphrase of the secrets at the prompt: asked for once, before it, where accounts need it."""

from __future__ import annotations

import pathlib

import keyring
import keyring.backends.fail
import pytest

from spatio.paths import places
from spatio.secrets import Secret, Vault, opening, sealed
from tests.spatio.test_sealed import Terminal, written


@pytest.fixture
def home(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> pathlib.Path:
    """A workspace with an account, and its password under the passphrase `correct horse`."""
    monkeypatch.setattr(keyring, "get_keyring", keyring.backends.fail.Keyring)
    monkeypatch.setattr(sealed, "COST", 2**4)
    opening.forget_keys()
    home = tmp_path / "home"
    phrase = written(tmp_path, "phrase", b"correct horse")
    Vault(places(home), {"SPATIO_PASSPHRASE_FILE": phrase}).keep("imap:ada@127.0.0.1", Secret("c4nary"))
    (home / "config.toml").write_text(
        '[mounts."/mail"]\nprovider = "imap"\nhost = "127.0.0.1"\nport = 1\nuser = "ada"\nsecurity = "none"\n'
    )
    return home


def test_it_is_asked_for_before_the_prompt(home: pathlib.Path) -> None:
    shell = (
        Terminal(home, SPATIO_OFFLINE="1").until(b"Passphrase for your secrets: ").type(b"correct horse\n")
    )
    shell.until(b"1m>").type(b"status\n").until(b"(under a passphrase)").until(b"1m>")
    status, rest = shell.type(b"exit\n").end()
    assert status == 0
    assert b"c4nary" not in rest


def test_who_does_not_answer_gets_the_prompt(home: pathlib.Path) -> None:
    shell = (
        Terminal(home, SPATIO_OFFLINE="1").until(b"Passphrase for your secrets: ").type(b"\x03").until(b"1m>")
    )
    shell.type(b"status\n").until(b"locked until it is needed").until(b"1m>").type(b"exit\n")
    assert shell.end()[0] == 0


def test_a_read_asks_for_nothing_and_says_that_the_secrets_are_locked(home: pathlib.Path) -> None:
    status, rest = Terminal(home, "ls", "/mail").end()
    assert b"Passphrase" not in rest
    assert b"your secrets are locked" in rest
    assert b"run: sync, which asks for the passphrase" in rest
    assert status == 77
    shell = Terminal(home, "sync").until(b"Passphrase for your secrets: ").type(b"correct horse\n")
    assert b"locked" not in shell.end()[1]
