"""Account: the remote that a mount's options describe, and the password that it logs in with."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from providers.mail.addresses import addresses
from providers.mail.imap.login import STARTTLS, TLS, Address
from providers.mail.imap.provider import secret_name
from providers.mail.imap.remote import ImapRemote, Setup
from providers.mail.imap.sending import filing
from vfs.drive import hop
from vfs.errors import LoginNeeded

Secret = Callable[[str], str | None]


class Password:
    """A secret of the first name under which one is kept."""

    def __init__(self, secret: Secret, names: Sequence[str], place: str, remedy: str) -> None:
        self._secret = secret
        self._names = names
        self._place = place
        self._remedy = remedy
        self._kept: str | None = None

    async def secret(self) -> str:
        if self._kept is None:
            self._kept = await hop(self._read)
        return self._kept

    def _read(self) -> str:
        for name in self._names:
            found = self._secret(name)
            if found is not None:
                return found
        raise LoginNeeded(None, f"{self._place}: no password is kept here", hint=self._remedy)

    async def renewed(self, stale: str) -> str | None:
        """One that was given meanwhile, by another program."""
        self._kept = None
        fresh = await self.secret()
        return fresh if fresh != stale else None


def setup(options: Mapping[str, str]) -> Setup:
    """All of an account that is not secret."""
    host, user = options["host"], options["user"]
    security = options.get("security") or TLS
    patience = float(options.get("timeout") or 30)
    patterns = tuple(part.strip() for part in (options.get("folders") or "").split(",") if part.strip())
    own = addresses((options.get("address") or user).encode())
    return Setup(
        Address(
            host,
            int(options.get("port") or (993 if security == TLS else 143)),
            user,
            security,
            options.get("auth") or "auto",
            options.get("ca") or "",
            patience,
            remedy(options),
        ),
        outgoing(options),
        patterns,
        int(options.get("parallel") or 4),
        own[0].address if own and "@" in own[0].address else "",
        filing(options.get("smtp_host") or host, options.get("sent") or ""),
    )


def outgoing(options: Mapping[str, str]) -> Address | None:
    """Where mail is handed over; None when the mount names no such server."""
    host = options.get("smtp_host")
    if not host:
        return None
    security = options.get("smtp_security") or (STARTTLS if options.get("smtp_port") == "587" else TLS)
    auth = options.get("smtp_auth") or "auto"
    if auth == "auto" and options.get("auth") in ("xoauth2", "oauthbearer"):
        auth = "xoauth2"
    return Address(
        host,
        int(options.get("smtp_port") or (465 if security == TLS else 587)),
        options.get("smtp_user") or options["user"],
        security,
        auth,
        options.get("ca") or "",
        float(options.get("timeout") or 30) * 2,
        remedy(options),
    )


def remedy(options: Mapping[str, str]) -> str:
    """The next step when a password is missing or was refused."""
    return f"run: connect imap --host {options['host']} --user {options['user']}"


def open_account(options: Mapping[str, str], secret: Secret) -> ImapRemote:
    """The account as a remote; nothing is asked yet."""
    made = setup(options)
    own = secret_name(options["user"], options["host"])
    incoming = Password(secret, [own], f"{options['user']} at {options['host']}", made.address.remedy)
    if made.outgoing is None:
        return ImapRemote(made, incoming)
    other = secret_name(made.outgoing.user, made.outgoing.host, "smtp")
    place = f"{made.outgoing.user} at {made.outgoing.host}"
    return ImapRemote(made, incoming, Password(secret, [other, own], place, made.outgoing.remedy))
