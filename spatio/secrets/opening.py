"""What opens the file of secrets: a passphrase that is typed or lies in a file, or a key file elsewhere.

`SPATIO_KEY_FILE` and `SPATIO_PASSPHRASE_FILE` name files that only their owner can read and that do not
lie beside what they protect. A passphrase is asked for once in a program; a prompt that waits for a
line (`no_questions`) keeps whatever works behind it from asking.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from threading import RLock

from commands.hidden import hidden_line
from spatio.paths import Places
from spatio.secrets.sealed import KEY_FILE, PASSPHRASE, Lock, Sealed, WrongKey
from vfs.errors import LoginNeeded, Refused

KEY, PHRASE = "SPATIO_KEY_FILE", "SPATIO_PASSPHRASE_FILE"
TRIES = 3
LEAST_KEY = 32
"""Bytes of a key file, at least."""
LEAST_PHRASE = 8
"""Characters of a passphrase, at least."""
LARGEST = 64 * 1024

_unlocked: dict[str, bytes] = {}
"""The keys of the files that this program has opened."""
_one = RLock()
_asking = True


@contextmanager
def no_questions() -> Iterator[None]:
    """Inside, nobody is asked for a passphrase: the terminal is in use."""
    global _asking
    before, _asking = _asking, False
    try:
        yield
    finally:
        _asking = before


def is_unlocked(sealed: Sealed) -> bool:
    """Whether this program has opened the file already."""
    return sealed.path in _unlocked


def key_of(sealed: Sealed, where: Places, env: Mapping[str, str], *, ask: bool) -> bytes:
    """The key of the file; the first call that may `ask` asks. Raises LoginNeeded, Refused, Corrupt."""
    with _one:
        key = _unlocked.get(sealed.path)
        if key is None or not sealed.fits(key):
            key = _opened(sealed, where, env, ask)
            _unlocked[sealed.path] = key
        return key


def found(sealed: Sealed, where: Places, env: Mapping[str, str], *, ask: bool) -> bool:
    """Makes the file where the person chose one by a variable or, with `ask`, types a new passphrase.

    False where nothing was chosen. Raises LoginNeeded, Refused, Exists.
    """
    lock = chosen_lock(where, env)
    if lock is None and ask:
        lock = new_lock()
    if lock is None:
        return False
    with _one:
        _unlocked[sealed.path] = sealed.found(lock)
    return True


def forget_keys() -> None:
    """Locks every file again."""
    with _one:
        _unlocked.clear()


def chosen_lock(where: Places, env: Mapping[str, str]) -> Lock | None:
    """What the environment names. Raises Refused, LoginNeeded for a file that is no good."""
    if file := env.get(KEY):
        material = _kept_elsewhere(file, KEY, where)
        if len(material) < LEAST_KEY:
            hint = f"make one: (umask 077; head -c {LEAST_KEY} /dev/urandom > {file})"
            raise Refused(file, f"a key file has at least {LEAST_KEY} bytes", hint=hint)
        return Lock(KEY_FILE, material)
    if file := env.get(PHRASE):
        phrase = _kept_elsewhere(file, PHRASE, where).rstrip(b"\r\n")
        if not phrase:
            raise Refused(file, "holds no passphrase")
        return Lock(PASSPHRASE, phrase)
    return None


def new_lock() -> Lock:
    """A passphrase typed twice. Raises LoginNeeded."""
    _may_ask("there is nobody to choose a passphrase", f"name a key file: {KEY}=FILE")
    for _ in range(TRIES):
        phrase = hidden_line("A new passphrase for your secrets: ")
        if len(phrase) < LEAST_PHRASE:
            problem = f"at least {LEAST_PHRASE} characters, please"
        elif hidden_line("The same once more: ") != phrase:
            problem = "these were two different ones"
        else:
            return Lock(PASSPHRASE, phrase.encode("utf-8", "surrogateescape"))
        os.write(2, f"spatio: {problem}\n".encode())
    raise LoginNeeded(None, "no passphrase was chosen; nothing was kept")


def _opened(sealed: Sealed, where: Places, env: Mapping[str, str], ask: bool) -> bytes:
    lock = chosen_lock(where, env)
    if lock is not None:
        return sealed.unlock(lock)
    if sealed.kind() == KEY_FILE:
        hint = f"name the key file: {KEY}=FILE"
        raise LoginNeeded(sealed.path, "your secrets are under a key file", hint=hint)
    if not ask:
        raise LoginNeeded(None, "your secrets are locked", hint="run: sync, which asks for the passphrase")
    _may_ask("your secrets are locked, and there is nobody to ask", f"{PHRASE}=FILE names the passphrase")
    for left in reversed(range(TRIES)):
        phrase = hidden_line("Passphrase for your secrets: ").encode("utf-8", "surrogateescape")
        try:
            return sealed.unlock(Lock(PASSPHRASE, phrase))
        except WrongKey:
            if not left or not phrase:
                raise
            os.write(2, b"spatio: this is not the passphrase\n")
    raise WrongKey(sealed.path)


def _may_ask(reason: str, hint: str) -> None:
    if not _asking or not (os.isatty(0) and os.isatty(2)):
        raise LoginNeeded(None, reason, hint=hint)


def _kept_elsewhere(file: str, variable: str, where: Places) -> bytes:
    """The content of a file that protects others. Raises Refused, LoginNeeded."""
    try:
        descriptor = os.open(file, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except OSError as error:
        raise LoginNeeded(file, f"{variable}: {str(error.strerror).lower()}") from error
    try:
        facts = os.fstat(descriptor)
        if not stat.S_ISREG(facts.st_mode):
            raise Refused(file, f"{variable}: not a file")
        if facts.st_mode & 0o077:
            raise Refused(file, f"{variable}: others can read it", hint=f"run: chmod 600 {file}")
        if facts.st_uid not in (os.geteuid(), 0):
            raise Refused(file, f"{variable}: the file belongs to another user")
        real = os.path.realpath(file)
        for folder in {where.config, where.data, where.cache}:
            if os.path.commonpath([real, os.path.realpath(folder)]) == os.path.realpath(folder):
                hint = "whoever copies that folder has both: keep it elsewhere"
                raise Refused(file, f"{variable}: lies within the workspace, {folder}", hint=hint)
        return os.read(descriptor, LARGEST)
    finally:
        os.close(descriptor)
