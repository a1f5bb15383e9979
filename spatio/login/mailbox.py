"""Connecting a mailbox at any mail server: servers by the address, a password tried before it is kept."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any

from commands.command import Failure, Usage
from spatio.login.kinds import LoggedIn
from spatio.login.mailhosts import MailHosts, known_hosts
from spatio.login.planning import LONGEST, is_address, plain_address
from vfs.drive import hop
from vfs.errors import LoginNeeded

if TYPE_CHECKING:
    from commands.accounts import Account, Hear, Plan, Tell, Wish
    from spatio.workspace import Workspace

PORTS = {"tls": 993, "starttls": 143, "none": 143}
SMTP_PORTS = {"tls": 465, "starttls": 587, "none": 587}
HOST = re.compile(r"(?=.{1,253}\Z)[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?|\[?[0-9A-Fa-f:.]+\]?")


class Mailbox:
    """See Way."""

    password = True

    def planned(self, wish: Wish) -> tuple[dict[str, str], list[str]]:
        given = dict(wish.options)
        if wish.client or wish.device or wish.allow:
            raise Usage("--client, --device and --allow are for gmail")
        if wish.address and not is_address(wish.address):
            raise Usage(f"an address is NAME@DOMAIN, but is '{wish.address}'")
        user = given.get("user") or wish.address
        if not user or not user.isprintable() or len(user) > LONGEST:
            raise Usage("connect imap needs an address or a --user", hint="connect imap ada@example.org")
        domain = (wish.address or user).rpartition("@")[2] if "@" in (wish.address or user) else ""
        known = known_hosts(domain) if domain and not given.get("host") else None
        if known is not None and not known.imap:
            raise Failure(f"{domain}: {known.remark}")
        if not given.get("host") and known is None:
            what = f"the servers of {domain} are not known" if domain else "which server?"
            raise Usage(what, hint=f"name them: connect imap {user} --host HOST --smtp-host HOST")
        options, remarks = _servers(given, known, user)
        if wish.address and wish.address != user:
            options["address"] = wish.address
        return options, remarks

    def address(self, options: Mapping[str, str]) -> str:
        return plain_address(options)

    def place(self, options: Mapping[str, str]) -> str:
        ways = [_server(options, "", PORTS)]
        if options.get("smtp_host"):
            ways.append(_server(options, "smtp_", SMTP_PORTS))
        return ", ".join(ways)

    def question(self, options: Mapping[str, str]) -> str:
        return f"Password of {options['user']} at {options['host']}: "

    def secrets(self, options: Mapping[str, str]) -> Sequence[str]:
        if not options.get("host") or not options.get("user"):
            return ()
        user = options["user"]
        names = [f"imap:{user}@{options['host']}"]
        if options.get("smtp_host"):
            names.append(f"smtp:{options.get('smtp_user') or user}@{options['smtp_host']}")
        return tuple(names)

    async def log_in(
        self, workspace: Workspace, plan: Plan, password: str, tell: Tell, hear: Hear | None
    ) -> LoggedIn:
        return await hop(lambda: self._tried(workspace, plan, password))

    def _tried(self, workspace: Workspace, plan: Plan, password: str) -> LoggedIn:
        """A password that the servers take. Blocks."""
        given = os.environ.get(plan.variable) if plan.variable else password
        names = self.secrets(plan.options)
        try_reading(plan.options, given or "")
        own = workspace.vault.read(names[-1]) if len(names) > 1 else None
        try_sending(plan.options, own or given or "")
        return LoggedIn({} if plan.variable else {names[0]: password})

    def revoke(self, workspace: Workspace, account: Account, options: Mapping[str, str]) -> None:
        """A password cannot be ended from here."""

    def check(self, workspace: Workspace, account: Account, options: Mapping[str, str]) -> str:
        names = self.secrets(options)
        found = workspace.vault.find(names[0])
        if found is None:
            line = f"connect imap {account.address} --host {options['host']}"
            raise LoginNeeded(None, "nobody is logged in", hint=f"run: {line}")
        try_reading(options, found.secret.reveal())
        own = workspace.vault.find(names[-1])
        try_sending(options, (own or found).secret.reveal())
        return found.place


def _server(options: Mapping[str, str], part: str, ports: Mapping[str, int]) -> str:
    security = options.get(f"{part}security") or "tls"
    port = options.get(f"{part}port") or ports.get(security, 0)
    return f"{options.get(f'{part}host', '')}:{port} ({security.upper() if security != 'none' else 'plain'})"


def _servers(
    given: Mapping[str, str], known: MailHosts | None, user: str
) -> tuple[dict[str, str], list[str]]:
    options = {"host": given.get("host") or (known.imap if known else ""), "user": user}
    remarks = []
    if known is not None:
        found = {"smtp_host": known.smtp, "smtp_port": str(known.smtp_port)}
        if known.smtp_security != "tls":
            found["smtp_security"] = known.smtp_security
        options |= {name: value for name, value in found.items() if name not in given}
        if known.remark:
            remarks.append(f"{options['host']}: {known.remark}")
    options |= {name: value for name, value in given.items() if value}
    if options.get("smtp_port") == str(SMTP_PORTS[options.get("smtp_security", "tls")]):
        del options["smtp_port"]
    for name in ("host", "smtp_host"):
        if options.get(name) and not HOST.fullmatch(options[name]):
            raise Usage(f"a host is a name or an address, but is '{options[name]}'")
    if not options.get("smtp_host"):
        remarks.append("no server to send by: what you write cannot be sent (--smtp-host HOST names one)")
    return options, remarks


def try_reading(options: Mapping[str, str], password: str) -> None:
    """Logs in to the IMAP server, and out. Raises LoginNeeded, Refused, Unavailable, TimedOut. Blocks."""
    address = _setup(options).address
    remedy = "look at the user's name, and whether the provider wants an app password"
    session = import_module("providers.mail.imap.login").connect(address._replace(remedy=remedy), password)
    session.wire.quit()


def try_sending(options: Mapping[str, str], password: str) -> None:
    """Logs in to the SMTP server, sending nothing. Raises as `try_reading` does. Blocks."""
    outgoing = _setup(options).outgoing
    if outgoing is not None:
        remedy = "look at --smtp-host; the mailbox itself took this password"
        import_module("providers.mail.smtp").Handover(outgoing._replace(remedy=remedy), password).try_login()


def _setup(options: Mapping[str, str]) -> Any:
    return import_module("providers.mail.imap.account").setup(options)


WAY = Mailbox()
