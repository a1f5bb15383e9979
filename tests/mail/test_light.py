"""Reading mails loads nothing heavy: it runs when folders are listed and searched."""

from __future__ import annotations

import subprocess
import sys

HEAVY = (
    "email",
    "asyncio",
    "ssl",
    "http",
    "html.parser",
    "idna",
    "httpx2",
    "logging",
    "inspect",
    "dataclasses",
)


def test_what_reads_mails_loads_nothing_heavy() -> None:
    code = (
        "import sys; import providers.mail.message, providers.mail.naming, providers.mail.attachments;"
        f"print(*[name for name in {HEAVY!r} if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == ""


def test_what_writes_mails_loads_no_other_library() -> None:
    code = (
        "import sys; import providers.mail.compose;"
        f"print(*[name for name in {HEAVY!r} if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == ""
