from __future__ import annotations

import copy
import io
import os
import pathlib
import pickle
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

import keyring
import keyring.backend
import pytest

from spatio import cli
from spatio.paths import places
from spatio.secrets import Secret, Vault, redact, ring
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


@pytest.fixture
def vault(tmp_path: pathlib.Path) -> Vault:
    return Vault(places(tmp_path), {})


def test_the_environment_comes_before_the_keyring(use, vault: Vault) -> None:  # type: ignore[no-untyped-def]
    use(Ring())
    assert vault.keep("openai", Secret(KEY)) == "keyring"
    assert vault.find("openai", "OPENAI_API_KEY", {}) == (Secret(KEY), "keyring")
    assert vault.find("openai", "OPENAI_API_KEY", {"OPENAI_API_KEY": "other"}) == (
        Secret("other"), "environment",
    )  # fmt: skip
    assert vault.find("none", "NONE", {}) is None
    assert vault.place().startswith("the system keyring (")


def test_every_secret_has_a_variable_of_its_own(use, tmp_path: pathlib.Path) -> None:  # type: ignore[no-untyped-def]
    use(Ring())
    vault = Vault(places(tmp_path), {"SPATIO_SECRET_IMAP_ADA_MAIL_EXAMPLE_ORG": " with blanks "})
    assert vault.read("imap:ada@mail.example.org") == " with blanks "
    assert vault.read("imap:eve@mail.example.org") is None
    assert vault.place().endswith("; 1 in the environment")


def test_a_weak_keyring_is_neither_read_nor_written(use, vault: Vault) -> None:  # type: ignore[no-untyped-def]
    ring = Weak()
    ring.kept["spatio", "openai"] = KEY
    use(ring)
    assert vault.find("openai") is None
    assert not vault.can_keep()
    assert vault.place() == "the environment only: there is no keyring"
    with pytest.raises(Unavailable, match="nothing was written"):
        vault.keep("new", Secret(KEY))
    assert ("spatio", "new") not in ring.kept
    assert not os.path.exists(vault.file)


def test_a_keyring_that_does_not_answer_is_not_waited_for(use, vault: Vault, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setattr(ring, "WAIT", 0.05)
    use(Stuck())
    assert vault.find("openai") is None


def test_a_key_is_taken_out_of_what_a_server_says() -> None:
    said = f"Incorrect API key provided: {KEY}; it ends in {KEY[-8:]}"
    assert KEY[-8:] not in redact(said, [Secret(KEY), None])
    assert redact("nothing here", [Secret(KEY)]) == "nothing here"


@pytest.fixture
def key(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., int]:
    def call(*words: str, typed: str = "") -> int:
        monkeypatch.setattr("sys.stdin", io.StringIO(typed))
        return cli.run(Start(("key", *words), str(tmp_path)))

    return call


def test_a_key_is_read_from_standard_input_and_found_by_its_endpoint(use, key, vault, capfd) -> None:  # type: ignore[no-untyped-def]
    use(Ring())
    assert key("work", typed=f"{KEY}\n") == 0
    assert vault.find("work") == (Secret(KEY), "keyring")
    assert key("--remove", "work") == 0
    assert vault.find("work") is None
    assert key("--remove", "work") == 1
    out, err = capfd.readouterr()
    assert "the key work is in the keyring" in err
    assert KEY not in out + err


def test_what_is_no_key_is_not_kept(use, key, capfd) -> None:  # type: ignore[no-untyped-def]
    ring = Ring()
    use(ring)
    assert key("work", typed="") == 2
    assert key("work", typed="two words") == 2
    assert key(KEY, typed="x") == 2
    assert ring.kept == {}
    assert KEY not in "".join(capfd.readouterr())


def test_a_password_of_a_mailbox_may_hold_blanks(use, key, vault) -> None:  # type: ignore[no-untyped-def]
    use(Ring())
    assert key("imap:ada@mail.example.org", typed="two words \n") == 0
    assert vault.read("imap:ada@mail.example.org") == "two words "


def test_without_a_keyring_nothing_is_written_until_somebody_chooses(use, key, vault, capfd) -> None:  # type: ignore[no-untyped-def]
    use(Weak())
    assert key("work", typed=KEY) == 75
    assert "spatio key --file NAME; or a key file elsewhere: SPATIO_KEY_FILE" in capfd.readouterr().err
    assert not os.path.exists(vault.file)


def test_a_program_that_holds_a_secret_leaves_no_core(tmp_path: pathlib.Path) -> None:
    text = (
        "import resource; from spatio.secrets import Secret\n"
        "resource.setrlimit(resource.RLIMIT_CORE, (1024, resource.getrlimit(resource.RLIMIT_CORE)[1]))\n"
        "Secret('x'); print(resource.getrlimit(resource.RLIMIT_CORE)[0])"
    )
    ran = subprocess.run([sys.executable, "-c", text], capture_output=True, check=True)
    assert ran.stdout == b"0\n"


def test_naming_secrets_loads_nothing_large(tmp_path: pathlib.Path) -> None:
    text = (
        "import sys; from spatio.paths import places; from spatio.secrets import Vault\n"
        "vault = Vault(places(sys.argv[1]), {'SPATIO_SECRET_A': 'x'}); assert vault.read('a') == 'x'\n"
        "print(*sorted({'keyring', 'cryptography', 'json', 'asyncio'} & set(sys.modules)))"
    )
    ran = subprocess.run([sys.executable, "-c", text, str(tmp_path)], capture_output=True, check=True)
    assert ran.stdout == b"\n"
