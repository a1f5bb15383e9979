"""The provider `imap`: what a mount says of an account at a mail server."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING

from providers.mail.mailbox import MAILBOX, MARKS, settings
from providers.mirror.mirror import Mirror
from providers.spec import Opening, Option, ProviderSpec
from vfs.errors import BadName

if TYPE_CHECKING:
    from providers.mirror.remote import Remote

OPTIONS = (
    Option("host", "the server, such as imap.example.org", required=True),
    Option("user", "whom the server knows you as, often your address", required=True),
    Option("port", "993 with TLS, else 143"),
    Option("security", "`tls`, `starttls`, or `none` for a server on this computer", default="tls"),
    Option(
        "auth", "`auto`, `plain`, `login`; `xoauth2` or `oauthbearer` with an access token", default="auto"
    ),
    Option("ca", "a file with the authorities whose certificates count, instead of the system's"),
    Option("folders", "folders that are kept, as patterns: `inbox, projects/*`, or without some: `!lists/*`"),
    Option("parallel", "connections at once", default="4"),
    Option("timeout", "seconds that the server may be silent for", default="30"),
    Option("smtp_host", "the server that sends mail"),
    Option("smtp_port", "465 with TLS, else 587"),
    Option("smtp_user", "whom that server knows you as, when it is another name"),
    Option("smtp_security", "`tls`, `starttls`, or `none` for a server on this computer"),
    Option("smtp_auth", "`auto`, `xoauth2`, or `none` where it takes mail without a login", default="auto"),
    Option("sent", "who files what was sent: `append` (Spatio), `server`; guessed by the host"),
)
SECURITY = ("tls", "starttls", "none")
AUTH = ("auto", "plain", "login", "xoauth2", "oauthbearer")


def secret_name(user: str, host: str, kind: str = "imap") -> str:
    """What the password of an account is called where secrets are kept."""
    return f"{kind}:{user}@{host}"


def checked(options: Mapping[str, str]) -> None:
    """Raises BadName for an option that cannot be."""
    for name, choices in (("security", SECURITY), ("smtp_security", SECURITY), ("auth", AUTH)):
        given = options.get(name)
        if given and given not in choices:
            raise BadName(None, f"{name} is one of {', '.join(choices)}, but is {given!r}")
    for name in ("port", "smtp_port", "parallel", "timeout"):
        given = options.get(name)
        if given and not (given.isascii() and given.isdigit() and 0 < int(given) < 65536):
            raise BadName(None, f"{name} is a number, but is {given[:40]!r}")
    for name in ("host", "user"):
        if not options.get(name) or not options[name].isprintable():
            raise BadName(None, f"{name} is missing")


def _open(opening: Opening) -> Mirror:
    options = opening.options
    checked(options)

    def remote() -> Remote:
        made: Remote = import_module("providers.mail.imap.account").open_account(options, opening.secret)
        return made

    return Mirror(
        opening.store(),
        options.get("collection") or "mail",
        remote,
        settings(
            opening, options.get("address") or options["user"], settable=MARKS - {"draft"}, arranges=True
        ),
    )


PROVIDER = ProviderSpec(
    "imap", "an account at a mail server: IMAP, and SMTP to send", _open, (*OPTIONS, *MAILBOX)
)
