"""No secret shows anywhere: a session with logins, syncs and errors, and then everything is searched."""

from __future__ import annotations

import json
import os
import pathlib
import re
import subprocess
import sys
import zlib
from collections.abc import Iterator

import keyring
import keyring.backends.fail
import pytest

from providers.oauth import Login
from spatio.login import browser
from spatio.paths import places
from spatio.secrets import Vault, opening
from tests.servers.dovecot import PASSWORD, Dovecot, dovecot
from tests.servers.oidc import ALICE, SECRET, Browser, Oidc, oidc
from tests.workspaces import outside_env, run_in

__all__ = ["dovecot"]

WRONG = "wr0ng-c4nary-0123456789"
REPOSITORY = pathlib.Path(__file__).parents[2]


def test_no_secret_shows_anywhere(
    tmp_path: pathlib.Path, dovecot: Dovecot, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = tmp_path / "key"
    key.write_bytes(os.urandom(32))
    key.chmod(0o600)
    home = tmp_path / "home"
    box = dovecot.mailbox()
    box.deliver(b"From: a@example.org\r\nSubject: Hello\r\n\r\nx\r\n")
    env = {
        **outside_env(home), "SPATIO_KEY_FILE": str(key), "PYTHONPATH": str(REPOSITORY),
        "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring",
    }  # fmt: skip
    said = bytearray()

    def spatio(*words: str, typed: str = "", status: int | None = 0) -> None:
        program = [sys.executable, "-m", "spatio", *words]
        ran = subprocess.run(
            program, input=typed.encode(), env=env, capture_output=True, timeout=60, check=False
        )
        assert status is None or ran.returncode == status, ran
        said.extend(ran.stdout + ran.stderr)

    there = ("--host", "127.0.0.1", "--port", str(dovecot.imap), "--security", "none")
    spatio("--debug", "connect", "imap", box.user, *there, typed=f"{WRONG}\n", status=77)
    spatio("connect", "imap", box.user, *there, typed=f"{PASSWORD}\n")
    everything = "sync; ls -l /mail/inbox; cat /mail/inbox/*; history; mounts; config; status; connect; env"
    spatio("-c", f"{everything}; cat /sys/mounts /sys/events", status=None)
    with oidc() as server:
        tokens = _google_too(home, key, server, monkeypatch)
        # The password is another one by now.
        Vault(places(home)).keep_text(f"imap:{box.user}@127.0.0.1", WRONG)
        spatio("--debug", "sync", status=None)
        spatio("doctor", status=1)
    renewed = Login.parse(Vault(places(home)).read(f"google:{ALICE}") or "")
    assert renewed.access not in tokens
    tokens += [renewed.access, renewed.refresh]
    shown = bytes(said)
    assert shown.count(b"the password was refused") >= 2
    secrets = [one.encode() for one in (PASSWORD, WRONG, SECRET, *tokens)]
    assert not [one[:8] for one in secrets if one in shown]
    files = [path for path in home.rglob("*") if path.is_file()]
    assert len(files) > 5
    for file in files:
        kept = file.read_bytes()
        for data in (kept, *_unpacked(kept)):
            assert not [(file, one[:8]) for one in secrets if one in data]


def _google_too(
    home: pathlib.Path, key: pathlib.Path, server: Oidc, monkeypatch: pytest.MonkeyPatch
) -> list[str]:
    """A login at a service that knows nothing of mail, so that all further questions fail; its secrets."""
    monkeypatch.setattr(keyring, "get_keyring", keyring.backends.fail.Keyring)
    monkeypatch.setenv("SPATIO_KEY_FILE", str(key))
    opening.forget_keys()
    monkeypatch.setattr(browser, "open_in_browser", Browser().open)
    file = key.with_name("client.json")
    file.write_text(json.dumps(server.client()))
    answer = run_in(home, f"connect gmail --client {file}")
    assert answer.status == 0, answer
    login = Login.parse(Vault(places(home)).read(f"google:{ALICE}") or "")
    file.unlink()
    options = f'address = "{ALICE}"\nendpoint = "{server.url}"'
    config = home / "config.toml"
    config.write_text(config.read_text().replace(f'address = "{ALICE}"', options))
    Vault(places(home)).keep_text(f"google:{ALICE}", login._replace(issued=0.0).text())
    return [login.refresh, login.access]


def _unpacked(data: bytes) -> Iterator[bytes]:
    """What is compressed within a file: rows of the database."""
    for found in re.finditer(rb"\x78[\x01\x5e\x9c\xda]", data):
        try:
            yield zlib.decompressobj().decompress(data[found.start() :], 1 << 20)
        except zlib.error:
            continue
