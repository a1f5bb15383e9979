"""The encrypted file of secrets: under a passphrase or a key file, whole whatever happens."""

from __future__ import annotations

import io
import json
import os
import pathlib
import pty
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from threading import Thread
from typing import Any

import keyring
import keyring.backends.fail
import pytest

from spatio import cli
from spatio.paths import places
from spatio.secrets import Secret, Vault, opening, sealed
from spatio.secrets.sealed import KEY_FILE, PASSPHRASE, Lock, Sealed, WrongKey
from spatio.start import Start
from tests.spatio.test_secrets import Ring
from vfs.errors import Conflict, Corrupt, Exists, LoginNeeded, Refused, Unavailable

CANARY = "c4nary-0123456789abcdef"
REPOSITORY = pathlib.Path(__file__).parents[2]
GOOD = Lock(PASSPHRASE, b"correct horse")


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """No keyring, nobody at the terminal, nothing unlocked before, and cheap guesses."""
    monkeypatch.setattr(keyring, "get_keyring", keyring.backends.fail.Keyring)
    monkeypatch.setattr(sealed, "COST", 2**4)
    monkeypatch.setattr(opening, "_asking", False)
    opening.forget_keys()


@pytest.fixture
def home(tmp_path: pathlib.Path) -> pathlib.Path:
    return tmp_path / "home"


@pytest.fixture
def file(tmp_path: pathlib.Path) -> Sealed:
    return Sealed(str(tmp_path / "data" / "secrets.sealed"))


def written(tmp_path: pathlib.Path, name: str, data: bytes, mode: int = 0o600) -> str:
    path = tmp_path / name
    path.write_bytes(data)
    path.chmod(mode)
    return str(path)


def test_a_secret_is_kept_encrypted_under_its_name(file: Sealed) -> None:
    key = file.found(GOOD)
    file.write("imap:ada@example.org", CANARY, key)
    file.write("other", "", key)
    assert file.read("imap:ada@example.org", key) == CANARY
    assert file.read("other", file.unlock(GOOD)) == ""
    assert file.read("none", key) is None
    assert file.names() == ["imap:ada@example.org", "other"]
    assert CANARY.encode() not in pathlib.Path(file.path).read_bytes()
    assert file.drop("other")
    assert not file.drop("other")
    with pytest.raises(Exists):
        file.found(GOOD)


@pytest.mark.parametrize("kind", [PASSPHRASE, KEY_FILE])
def test_a_wrong_key_opens_nothing_and_changes_nothing(file: Sealed, kind: str) -> None:
    file.write("a", CANARY, file.found(Lock(kind, b"x" * 32)))
    before = pathlib.Path(file.path).read_bytes()
    for wrong in (Lock(kind, b"y" * 32), Lock(kind, b""), GOOD):
        with pytest.raises(WrongKey):
            file.unlock(wrong)
    assert file.read("a", file.unlock(Lock(kind, b"x" * 32))) == CANARY
    with pytest.raises(Conflict):
        file.write("b", "new", os.urandom(32))
    assert pathlib.Path(file.path).read_bytes() == before


def test_the_same_secret_never_looks_the_same_and_no_value_passes_for_another(file: Sealed) -> None:
    key = file.found(GOOD)
    file.write("a", CANARY, key)
    file.write("b", CANARY, key)
    kept = json.loads(pathlib.Path(file.path).read_text())
    assert kept["secrets"]["a"] != kept["secrets"]["b"]
    kept["secrets"]["b"] = kept["secrets"]["a"]
    pathlib.Path(file.path).write_text(json.dumps(kept))
    assert file.read("a", key) == CANARY
    with pytest.raises(Corrupt, match="belongs to another"):
        file.read("b", key)


def test_a_file_that_was_changed_anywhere_never_gives_another_secret(file: Sealed) -> None:
    key = file.found(GOOD)
    file.write("a", CANARY, key)
    whole = pathlib.Path(file.path).read_bytes()
    rounds = range(len(whole)) if os.environ.get("SPATIO_FULL") else range(0, len(whole), 7)
    for at in rounds:
        pathlib.Path(file.path).write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        try:
            got = file.read("a", file.unlock(GOOD))
        except (Corrupt, WrongKey):
            continue
        assert got in (CANARY, None)
    for damaged in (b"", b"{", b"[]", b"null", whole[:50], b'{"format": "other"}', b"\xff"):
        pathlib.Path(file.path).write_bytes(damaged)
        with pytest.raises(Corrupt):
            file.unlock(GOOD)


def test_a_file_that_asks_for_endless_work_is_refused(file: Sealed) -> None:
    file.found(GOOD)
    kept = json.loads(pathlib.Path(file.path).read_text())
    for cost in (2**40, 3, 0, -8, "8", True, None):
        kept["lock"]["cost"] = cost
        pathlib.Path(file.path).write_text(json.dumps(kept))
        with pytest.raises(Corrupt):
            file.unlock(GOOD)


def test_the_work_of_a_guess_is_what_it_should_be(file: Sealed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    file.found(GOOD)
    assert json.loads(pathlib.Path(file.path).read_text())["lock"]["cost"] == 2**17


def test_only_its_owner_reads_it_whatever_the_umask(file: Sealed) -> None:
    before = os.umask(0)
    try:
        file.write("a", CANARY, file.found(GOOD))
    finally:
        os.umask(before)
    folder = pathlib.Path(file.path).parent
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(one.stat().st_mode) for one in folder.iterdir()} == {0o600}


def test_many_programs_write_and_none_is_lost(file: Sealed) -> None:
    key = file.found(GOOD)
    threads = [
        Thread(target=lambda at=at: [file.write(f"{at}-{n}", CANARY, key) for n in range(5)])
        for at in range(4)
    ]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert len(file.names()) == 20


def test_a_writer_that_is_killed_leaves_the_old_or_the_new(tmp_path: pathlib.Path) -> None:
    env_key = written(tmp_path, "key", os.urandom(32))
    program = (
        "import sys; from spatio.paths import places; from spatio.secrets import Secret, Vault\n"
        "vault = Vault(places(sys.argv[1]))\n"
        "for n in range(10**6):\n"
        "    vault.keep('a', Secret(str(n) * 2000)); print(n, flush=True)"
    )
    home = tmp_path / "home"
    env = {"PATH": os.environ["PATH"], "SPATIO_KEY_FILE": env_key, "PYTHONPATH": str(REPOSITORY)}
    env["PYTHON_KEYRING_BACKEND"] = "keyring.backends.fail.Keyring"
    vault = Vault(places(home), env)
    for round in range(10 if os.environ.get("SPATIO_FULL") else 2):
        words = [sys.executable, "-c", program, str(home)]
        with subprocess.Popen(words, env=env, stdout=subprocess.PIPE) as writer:
            assert writer.stdout is not None
            said = [writer.stdout.readline() for _ in range(3)]
            time.sleep(0.003 * round)
            writer.send_signal(signal.SIGKILL)
            last = int((writer.stdout.read().split() or said[-1:])[-1])
        kept = vault.read("a") or ""
        assert kept in (str(last) * 2000, str(last + 1) * 2000)


# -- what opens it


def vault_with(home: pathlib.Path, **env: str) -> Vault:
    opening.forget_keys()
    return Vault(places(home), env)


def test_a_key_file_elsewhere_is_a_choice(home: pathlib.Path, tmp_path: pathlib.Path) -> None:
    key = written(tmp_path, "key", os.urandom(32))
    vault = vault_with(home, SPATIO_KEY_FILE=key)
    assert vault.keep("a", Secret(CANARY)) == "file"
    assert vault_with(home, SPATIO_KEY_FILE=key).read("a") == CANARY
    with pytest.raises(LoginNeeded, match="under a key file") as locked:
        vault_with(home).read("a")
    assert locked.value.hint == "name the key file: SPATIO_KEY_FILE=FILE"
    assert vault_with(home).place().endswith("(under a key file, locked until it is needed)")
    assert vault_with(home).read("unknown") is None


def test_a_passphrase_in_a_file_is_a_choice(home: pathlib.Path, tmp_path: pathlib.Path) -> None:
    phrase = written(tmp_path, "phrase", b"correct horse\n")
    vault_with(home, SPATIO_PASSPHRASE_FILE=phrase).keep("a", Secret(CANARY))
    assert vault_with(home, SPATIO_PASSPHRASE_FILE=phrase).read("a") == CANARY
    wrong = written(tmp_path, "wrong", b"battery staple")
    with pytest.raises(LoginNeeded, match="nothing was changed"):
        vault_with(home, SPATIO_PASSPHRASE_FILE=wrong).keep("b", Secret("x"))
    with pytest.raises(LoginNeeded, match="nobody to ask") as locked:
        vault_with(home).read("a")
    assert "SPATIO_PASSPHRASE_FILE" in (locked.value.hint or "")


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda folder, home: written(folder, "k", b"x" * 32, 0o640), "others can read it"),
        (lambda folder, home: written(folder, "k", b"short"), "at least 32 bytes"),
        (lambda folder, home: str(folder / "none"), "no such file"),
        (lambda folder, home: str(folder), "not a file"),
        (lambda folder, home: "/dev/null", "not a file"),
        (lambda folder, home: written(home, "k", b"x" * 32), "within the workspace"),
    ],
)
def test_a_key_file_that_protects_nothing_is_refused(
    home: pathlib.Path, tmp_path: pathlib.Path, make: Callable[..., str], says: str
) -> None:
    home.mkdir()
    key = make(tmp_path, home)
    with pytest.raises((Refused, LoginNeeded), match=says):
        vault_with(home, SPATIO_KEY_FILE=key).keep("a", Secret(CANARY))
    assert not os.path.exists(places(home).secrets_file)


def test_a_link_into_the_workspace_is_seen_through(home: pathlib.Path, tmp_path: pathlib.Path) -> None:
    home.mkdir()
    (tmp_path / "link").symlink_to(written(home, "k", b"x" * 32))
    with pytest.raises(Refused, match="within the workspace"):
        vault_with(home, SPATIO_KEY_FILE=str(tmp_path / "link")).keep("a", Secret(CANARY))


def test_nothing_is_written_where_nobody_chose(home: pathlib.Path) -> None:
    with pytest.raises(Unavailable, match="nothing was written"):
        vault_with(home).keep("a", Secret(CANARY))
    assert not home.exists()


def test_the_file_goes_before_the_keyring_once_it_was_chosen(
    home: pathlib.Path, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ring = Ring()
    monkeypatch.setattr(keyring, "get_keyring", lambda: ring)
    assert vault_with(home).keep("a", Secret("old")) == "keyring"
    vault = vault_with(home, SPATIO_KEY_FILE=written(tmp_path, "key", os.urandom(32)))
    assert vault.keep("a", Secret("new")) == "file"
    assert vault.read("a") == "new"
    assert vault.drop("a")
    assert vault.read("a") is None


def test_a_damaged_file_is_told_wherever_secrets_are_asked_for(
    home: pathlib.Path, tmp_path: pathlib.Path
) -> None:
    vault = vault_with(home, SPATIO_KEY_FILE=written(tmp_path, "key", os.urandom(32)))
    vault.keep("a", Secret(CANARY))
    pathlib.Path(vault.file).write_text("{")
    assert vault.place() == f"{vault.file}: not a file of secrets, or a damaged one"
    assert vault.knows("a") is None
    with pytest.raises(Corrupt) as damaged:
        vault.read("a")
    assert damaged.value.hint == "go back to a copy of it, or remove it and log in again"
    with pytest.raises(Corrupt):
        vault.keep("b", Secret("x"))


def test_another_passphrase_is_chosen(home: pathlib.Path, tmp_path: pathlib.Path) -> None:
    old = written(tmp_path, "old", b"correct horse")
    new = written(tmp_path, "new", os.urandom(32))
    vault_with(home, SPATIO_PASSPHRASE_FILE=old).keep("a", Secret(CANARY))
    vault = vault_with(home, SPATIO_KEY_FILE=new, SPATIO_OLD_PASSPHRASE_FILE=old)
    assert vault.relock() == KEY_FILE
    assert vault_with(home, SPATIO_KEY_FILE=new).read("a") == CANARY
    with pytest.raises(LoginNeeded):
        vault_with(home, SPATIO_PASSPHRASE_FILE=old).read("a")


# -- asked at a terminal


class Terminal:
    """A program at a terminal of its own, and who types there."""

    def __init__(self, home: pathlib.Path, *words: str, **env: str) -> None:
        self.shown = b""
        pid, self.fd = pty.fork()
        if pid == 0:
            kept = {"PATH": os.environ["PATH"], "PYTHONPATH": str(REPOSITORY), "TERM": "dumb"}
            kept |= {
                "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring",
                "SPATIO_HOME": str(home),
                **env,
            }
            os.execve(sys.executable, [sys.executable, "-m", "spatio", *words], kept)
        self.pid = pid

    def until(self, text: bytes) -> Terminal:
        while text not in self.shown:
            try:
                data = os.read(self.fd, 4096)
            except OSError:
                data = b""
            if not data:
                raise AssertionError(self.shown)
            self.shown += data
        self.shown = self.shown[self.shown.index(text) + len(text) :]
        return self

    def type(self, text: bytes) -> Terminal:
        os.write(self.fd, text)
        return self

    def end(self) -> tuple[int, bytes]:
        rest = self.shown
        while True:
            try:
                data = os.read(self.fd, 4096)
            except OSError:
                break
            if not data:
                break
            rest += data
        os.close(self.fd)
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1]), rest


def test_a_file_that_was_made_anew_is_opened_anew(home: pathlib.Path, tmp_path: pathlib.Path) -> None:
    one, two = (written(tmp_path, name, os.urandom(32)) for name in ("one", "two"))
    first = vault_with(home, SPATIO_KEY_FILE=one)
    first.keep("a", Secret("old"))
    known = dict(opening._unlocked)
    os.unlink(first.file)
    assert Vault(places(home), {"SPATIO_KEY_FILE": two}).choose_file()
    # As another program would have made it.
    opening._unlocked.update(known)
    with pytest.raises(WrongKey):
        first.keep("a", Secret(CANARY))
    assert Vault(places(home), {"SPATIO_KEY_FILE": two}).keep("a", Secret("new")) == "file"
    assert vault_with(home, SPATIO_KEY_FILE=two).read("a") == "new"


def test_a_person_chooses_a_file_and_types_its_passphrase(home: pathlib.Path) -> None:
    made = Terminal(home, "key", "--file", "work").until(b"key for work: ").type(CANARY.encode() + b"\n")
    made.until(b"A new passphrase for your secrets: ").type(b"short\n").until(b"at least 8 characters")
    made.until(b"A new passphrase").type("pässword 1x\x7f\x7f\x7f2\n".encode())
    made.until(b"once more: ").type("pässword2\n".encode())
    status, rest = made.end()
    assert (status, b"the key work is in" in rest) == (0, True)
    assert b"ssword" not in rest
    asked = Terminal(home, "key", "other").until(b"key for other: ").type(b"value\n")
    asked.until(b"Passphrase for your secrets: ").type(b"wrong\n").until(b"this is not the passphrase")
    asked.until(b"Passphrase for your secrets: ").type("pässword2\n".encode())
    assert asked.end()[0] == 0
    left = Terminal(home, "key", "third").until(b"key for third: ").type(b"value\n")
    left.until(b"Passphrase for your secrets: ").type(b"half\x03")
    status, rest = left.end()
    assert status != 0
    assert b"Traceback" not in rest
    assert Sealed(places(home).secrets_file).names() == ["other", "work"]


def test_a_prompt_that_waits_for_a_line_is_not_written_over(
    home: pathlib.Path, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    phrase = written(tmp_path, "phrase", b"correct horse")
    vault_with(home, SPATIO_PASSPHRASE_FILE=phrase).keep("a", Secret(CANARY))
    monkeypatch.setattr(opening, "_asking", True)
    monkeypatch.setattr(os, "isatty", lambda fd: True)
    asked: list[str] = []

    def hidden(question: str) -> str:
        asked.append(question)
        return "correct horse"

    monkeypatch.setattr(opening, "hidden_line", hidden)
    vault = vault_with(home)
    with opening.no_questions(), pytest.raises(LoginNeeded):
        vault.read("a")
    assert not asked
    assert [vault.read("a") for _ in range(3)] == [CANARY] * 3
    assert len(asked) == 1


def test_the_verb_says_where_a_key_lies(
    home: pathlib.Path, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch, capfd: Any
) -> None:
    monkeypatch.setenv("SPATIO_KEY_FILE", written(tmp_path, "key", os.urandom(32)))
    monkeypatch.setattr("sys.stdin", io.StringIO(CANARY))
    assert cli.run(Start(("key", "work"), str(home))) == 0
    out, err = capfd.readouterr()
    assert err == f"spatio: the key work is in {places(home).secrets_file}\n"
    assert cli.run(Start(("key", "--remove", "work"), str(home))) == 0
    assert CANARY not in out + err
