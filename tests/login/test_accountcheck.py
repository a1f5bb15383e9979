"""What the doctor says of accounts."""

from __future__ import annotations

import pathlib

from spatio.accountcheck import check_accounts
from spatio.findings import Finding
from spatio.paths import places
from spatio.secrets import Secret, Vault
from spatio.workspace import open_workspace
from tests.login.test_connect import connect, home, key_file
from tests.servers.dovecot import Dovecot, dovecot
from vfs.drive import drive

__all__ = ["dovecot", "home", "key_file"]


def findings(home: pathlib.Path) -> list[Finding]:
    workspace = open_workspace(home)
    try:
        return list(check_accounts(workspace))
    finally:
        drive(workspace.aclose())


def test_the_doctor_logs_in_to_each_account(home: pathlib.Path, dovecot: Dovecot) -> None:
    assert findings(home) == []
    box = dovecot.mailbox()
    connect(home, box)
    place = f"/mail: {box.user} at 127.0.0.1:{dovecot.imap} (plain)"
    assert findings(home) == [Finding("ok", "account", f"{place}: logged in, by what lies in the file")]
    vault = Vault(places(home))
    vault.keep(f"imap:{box.user}@127.0.0.1", Secret("wr0ng-c4nary"))
    (bad,) = findings(home)
    assert (bad.state, "the password was refused" in bad.text) == ("bad", True)
    assert "c4nary" not in f"{bad}"
    vault.drop(f"imap:{box.user}@127.0.0.1")
    (bad,) = findings(home)
    assert bad.text == f"{place}: nobody is logged in"
    assert bad.step == f"run: connect imap {box.user} --host 127.0.0.1"
    (home / "config.toml").write_text(
        '[mounts."/mail"]\nprovider = "gmail"\naddress = "ada@example.org"\ntrust = "outside"\n'
    )
    (bad,) = findings(home)
    assert bad == Finding(
        "bad",
        "account",
        "/mail: ada@example.org at Gmail: nobody is logged in",
        "run: connect gmail ada@example.org",
    )
