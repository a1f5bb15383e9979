"""Secrets in a real keyring, and in one that is locked with nobody there to unlock it."""

from __future__ import annotations

import pathlib

from tests.servers.gnomekeyring import run_beside_keyring

CANARY = "c4nary-0123456789abcdef"
KEEP = """
import os
from spatio.paths import places
from spatio.secrets import Secret, Vault
vault = Vault(places(os.environ["SPATIO_HOME"]))
print(vault.keep("imap:ada@example.org", Secret(os.environ["GIVEN"])), vault.place())
"""
FIND = """
import os
from spatio.paths import places
from spatio.secrets import Secret, Vault
vault = Vault(places(os.environ["SPATIO_HOME"]))
lies = vault.find("imap:ada@example.org")
print(lies, lies.secret.reveal() == os.environ["GIVEN"])
print(vault.drop("imap:ada@example.org"), vault.find("imap:ada@example.org"))
"""


def test_a_secret_lies_in_the_systems_keyring(tmp_path: pathlib.Path) -> None:
    home = tmp_path / "workspace"
    env = {"SPATIO_HOME": str(home), "GIVEN": CANARY}
    kept, found = run_beside_keyring(tmp_path, [KEEP, FIND], env)
    assert kept.stdout == b"keyring the system keyring (SecretService)\n", kept.stderr
    assert found.stdout == b"Lies(secret=[secret], place='keyring') True\nTrue None\n", found.stderr
    assert not home.exists()
    everywhere = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert not [path for path in everywhere if CANARY.encode() in path.read_bytes()]


def test_a_keyring_that_would_prompt_is_left_alone(tmp_path: pathlib.Path) -> None:
    env = {"SPATIO_HOME": str(tmp_path / "workspace"), "GIVEN": CANARY}
    (kept,) = run_beside_keyring(tmp_path, [KEEP], env, locked=True)
    assert b"there is no system keyring, so nothing was written" in kept.stderr
    assert not (tmp_path / "workspace").exists()
