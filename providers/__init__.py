"""The providers that come with Spatio: name -> (module:PROVIDER, the extra that it needs or None).

Imports nothing: a provider's module is loaded by the first use of a mount that names it.
"""

TABLE: dict[str, tuple[str, str | None]] = {
    "agents": ("providers.agents:PROVIDER", None),
    "banking": ("providers.banking.provider:PROVIDER", None),
    "caldav": ("providers.calendar.caldav.provider:PROVIDER", None),
    "calendar": ("providers.calendar.local:PROVIDER", None),
    "files": ("providers.files:PROVIDER", None),
    "gmail": ("providers.mail.gmail.provider:PROVIDER", None),
    "google-calendar": ("providers.calendar.google.provider:PROVIDER", None),
    "imap": ("providers.mail.imap.provider:PROVIDER", None),
    "local": ("providers.local:PROVIDER", None),
    "maildir": ("providers.mail.maildir.provider:PROVIDER", None),
    "memory": ("providers.memory:PROVIDER", None),
    "notes": ("providers.notes:PROVIDER", None),
    "outbox": ("providers.outbox.provider:PROVIDER", None),
    "plaid": ("providers.banking.plaid.provider:PROVIDER", None),
    "runs": ("providers.runs:PROVIDER", None),
    "s3": ("providers.s3.provider:PROVIDER", None),
    "sys": ("providers.sys:PROVIDER", None),
    "tasks": ("providers.tasks:PROVIDER", None),
    "union": ("providers.union:PROVIDER", None),
}

RENDERED = (".docx", ".ics", ".pdf", ".xlsx")
"""Endings of the names whose files may have a rendered text; what it is, `providers.rendering` says."""
