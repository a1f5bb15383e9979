"""A real mail server for tests: Dovecot on the loopback, IMAP and LMTP, mailboxes of any user name.

Each test takes a user of its own (`dovecot.mailbox()`), which is a mailbox nobody has used.
"""

from __future__ import annotations

import contextlib
import ctypes
import getpass
import imaplib
import os
import pathlib
import shutil
import signal
import smtplib
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count

import pytest

PASSWORD = "correct-horse-battery"
TLS = pathlib.Path(__file__).parent.parent / "data" / "tls"
_names = count()

_CONFIG = """
base_dir={d}/run
state_dir={d}/state
log_path={d}/log
protocols=imap lmtp
listen=127.0.0.1
ssl=yes
ssl_cert=<{tls}/certificate.pem
ssl_key=<{tls}/key.pem
disable_plaintext_auth=no
auth_failure_delay=0
default_internal_user={internal}
default_internal_group={internal_group}
default_login_user={login}
first_valid_uid=1
mail_location=maildir:{d}/mail/%u
mail_uid={uid}
mail_gid={gid}
mail_fsync=never
mail_max_userip_connections=100
namespace inbox {{
  inbox=yes
  separator=/
  mailbox Sent {{
    auto=subscribe
    special_use=\\Sent
  }}
  mailbox Drafts {{
    auto=subscribe
    special_use=\\Drafts
  }}
  mailbox Archive {{
    auto=subscribe
    special_use=\\Archive
  }}
  mailbox Trash {{
    auto=subscribe
    special_use=\\Trash
  }}
  mailbox Junk {{
    auto=subscribe
    special_use=\\Junk
  }}
}}
passdb {{
  driver=static
  args=password={password}
}}
userdb {{
  driver=static
  args=uid={uid} gid={gid} home={d}/mail/%u
}}
service imap-login {{
  chroot=
  client_limit=200
  process_min_avail=1
  service_count=0
  inet_listener imap {{
    address=127.0.0.1
    port={imap}
  }}
  inet_listener imaps {{
    address=127.0.0.1
    port={imaps}
    ssl=yes
  }}
}}
service anvil {{
  chroot=
  unix_listener anvil-auth-penalty {{
    mode=0
  }}
}}
service stats {{
  chroot=
}}
service lmtp {{
  inet_listener lmtp {{
    address=127.0.0.1
    port={lmtp}
  }}
}}
{more}
"""


@dataclass(frozen=True)
class Mailbox:
    """A user of the server, and a plain client to look at what is there."""

    server: Dovecot
    user: str

    @contextmanager
    def client(self, folder: str | None = None) -> Iterator[imaplib.IMAP4]:
        """imaplib, logged in, with `folder` selected."""
        with imaplib.IMAP4("127.0.0.1", self.server.imap, timeout=20) as client:
            client.login(self.user, PASSWORD)
            if folder is not None:
                assert client.select(f'"{folder}"')[0] == "OK"
            yield client

    def append(self, messages: Sequence[bytes], folder: str = "INBOX", flags: str = "") -> None:
        with self.client() as client:
            for message in messages:
                typ, said = client.append(f'"{folder}"', flags, None, message)  # type: ignore[arg-type]
                assert typ == "OK", said

    def fill(self, messages: Sequence[bytes]) -> None:
        """Many at once, as files where the server keeps them; into an inbox that nobody has opened yet."""
        for name in ("cur", "new", "tmp"):
            (self.folder() / name).mkdir(parents=True, exist_ok=True)
        for number, message in enumerate(messages):
            size = len(message)
            name = f"{1_700_000_000 + number}.M{number}P1.bench,S={size},W={size}:2,"
            (self.folder() / "cur" / name).write_bytes(message)
        if os.geteuid() == 0:
            for path in (self.folder(), *self.folder().rglob("*")):
                os.chown(path, 65534, 65534)

    def deliver(self, message: bytes, sender: str = "bob@example.org") -> None:
        """As mail comes in: by LMTP."""
        with smtplib.LMTP("127.0.0.1", self.server.lmtp, timeout=20) as lmtp:
            assert not lmtp.sendmail(sender, [self.user], message)

    def uids(self, folder: str = "INBOX") -> list[int]:
        with self.client(folder) as client:
            return [int(uid) for uid in client.uid("SEARCH", "ALL")[1][0].split()]

    def flags(self, folder: str = "INBOX") -> dict[int, set[str]]:
        with self.client(folder) as client:
            found = {}
            for line in client.uid("FETCH", "1:*", "(UID FLAGS)")[1]:
                if isinstance(line, bytes):
                    uid = int(line.split(b"UID ")[1].split()[0].strip(b")"))
                    found[uid] = {flag.decode() for flag in imaplib.ParseFlags(line)}
            return found

    def folder(self) -> pathlib.Path:
        """Where the server keeps this user's mail."""
        return pathlib.Path(self.server.folder, "mail", self.user)


@dataclass(frozen=True)
class Dovecot:
    """Where it listens."""

    folder: str
    imap: int
    imaps: int
    lmtp: int

    def mailbox(self) -> Mailbox:
        """A user whom nobody knows yet."""
        return Mailbox(self, f"ada{os.getpid()}x{next(_names)}@example.org")

    def log(self) -> str:
        return pathlib.Path(self.folder, "log").read_text(errors="replace")


def dovecot_program() -> str | None:
    return shutil.which("dovecot", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")


@contextmanager
def running_dovecot(more: str = "") -> Iterator[Dovecot]:
    """A server without any mail, gone with all of it when the block ends. `more` stands in its config."""
    program = dovecot_program()
    if program is None:
        pytest.skip("dovecot-imapd and dovecot-lmtpd are not installed")
    folder = tempfile.mkdtemp(prefix="spatio-dovecot-")
    os.chmod(folder, 0o755)
    root = os.geteuid() == 0
    me = getpass.getuser() if not root else ""
    group = me if root else _group()
    uid, gid = (65534, 65534) if root else (os.getuid(), os.getgid())
    pathlib.Path(folder, "mail").mkdir()
    if root:
        os.chown(pathlib.Path(folder, "mail"), uid, gid)
    imap, imaps, lmtp = _free_ports(3)
    config = pathlib.Path(folder, "conf")
    config.write_text(
        _CONFIG.format(
            d=folder,
            tls=TLS,
            password=PASSWORD,
            uid=uid,
            gid=gid,
            more=more,
            internal="dovecot" if root else me,
            internal_group="dovecot" if root else group,
            login="dovenull" if root else me,
            imap=imap,
            imaps=imaps,
            lmtp=lmtp,
        )
    )
    process = subprocess.Popen(
        [program, "-F", "-c", str(config)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        preexec_fn=_die_with_parent,
    )
    server = Dovecot(folder, imap, imaps, lmtp)
    try:
        _wait_until_ready(server, process)
        yield server
    finally:
        # Its processes are a group of their own, and what they keep goes, too.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        shutil.rmtree(folder, ignore_errors=True)


def _wait_until_ready(server: Dovecot, process: subprocess.Popen[bytes]) -> None:
    for _ in range(200):
        if process.poll() is not None:
            raise RuntimeError(f"dovecot ended before it was ready: {server.log()[-2000:]}")
        try:
            with imaplib.IMAP4("127.0.0.1", server.imap, timeout=5) as client:
                client.login("ready@example.org", PASSWORD)
            return
        except (OSError, imaplib.IMAP4.error):
            time.sleep(0.05)
    raise RuntimeError("dovecot was not ready after 10 seconds")


def _group() -> str:
    import grp

    return grp.getgrgid(os.getgid()).gr_name


def _die_with_parent() -> None:
    ctypes.CDLL(None).prctl(1, signal.SIGTERM)


def _free_ports(many: int) -> list[int]:
    held = [socket.socket() for _ in range(many)]
    for one in held:
        one.bind(("127.0.0.1", 0))
    found = [one.getsockname()[1] for one in held]
    for one in held:
        one.close()
    return found


@pytest.fixture(scope="session")
def dovecot() -> Iterator[Dovecot]:
    """One server for all tests of this process."""
    with running_dovecot() as server:
        yield server
