"""Where the large providers of mail say that their servers are, by the domain of an address."""

from __future__ import annotations

from typing import NamedTuple

TLS, STARTTLS = "tls", "starttls"


class MailHosts(NamedTuple):
    """The servers of a provider; `imap` "" where a password opens nothing."""

    imap: str
    smtp: str
    smtp_port: int = 465
    smtp_security: str = TLS
    remark: str = ""
    """What a person should know about the password."""


_APP = "it wants an app password, made in the account's security settings, not the account's own password"
_ON = "reading by IMAP has to be switched on in the account's settings"
_MICROSOFT = "Microsoft takes no passwords for mail any more, and Spatio has no other login there"

_KNOWN: tuple[tuple[str, MailHosts], ...] = (
    ("fastmail.com fastmail.fm", MailHosts("imap.fastmail.com", "smtp.fastmail.com", remark=_APP)),
    (
        "gmail.com googlemail.com",
        MailHosts("imap.gmail.com", "smtp.gmail.com", remark=f"{_APP}; `connect gmail` needs none"),
    ),
    (
        "icloud.com me.com mac.com",
        MailHosts("imap.mail.me.com", "smtp.mail.me.com", 587, STARTTLS, remark=_APP),
    ),
    ("yahoo.com yahoo.de yahoo.fr yahoo.co.uk ymail.com", MailHosts(
        "imap.mail.yahoo.com", "smtp.mail.yahoo.com", remark=_APP)),
    ("aol.com", MailHosts("imap.aol.com", "smtp.aol.com", remark=_APP)),
    ("outlook.com hotmail.com live.com msn.com", MailHosts("", "", remark=_MICROSOFT)),
    ("gmx.net gmx.de gmx.at gmx.ch", MailHosts("imap.gmx.net", "mail.gmx.net", remark=_ON)),
    ("gmx.com", MailHosts("imap.gmx.com", "mail.gmx.com", remark=_ON)),
    ("web.de", MailHosts("imap.web.de", "smtp.web.de", 587, STARTTLS, remark=_ON)),
    ("mailbox.org", MailHosts("imap.mailbox.org", "smtp.mailbox.org")),
    ("posteo.de posteo.net", MailHosts("posteo.de", "posteo.de")),
    ("t-online.de", MailHosts("secureimap.t-online.de", "securesmtp.t-online.de", remark=_APP)),
    ("zoho.com", MailHosts("imap.zoho.com", "smtp.zoho.com", remark=_ON)),
    ("yandex.com yandex.ru", MailHosts("imap.yandex.com", "smtp.yandex.com", remark=_APP)),
    ("runbox.com", MailHosts("mail.runbox.com", "mail.runbox.com")),
    ("orange.fr", MailHosts("imap.orange.fr", "smtp.orange.fr")),
    ("free.fr", MailHosts("imap.free.fr", "smtp.free.fr")),
    ("laposte.net", MailHosts("imap.laposte.net", "smtp.laposte.net")),
)  # fmt: skip


def known_hosts(domain: str) -> MailHosts | None:
    """The servers for addresses of a domain; None where nothing is known of it."""
    wanted = domain.lower().rstrip(".")
    return next((hosts for names, hosts in _KNOWN if wanted in names.split()), None)
