"""The login by a short code on any other device (RFC 8628), where this computer has no browser."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from providers.oauth import Ask, Client, error_word, post_form
from spatio.login.browser import Tell
from vfs.drive import event_loop, hop
from vfs.errors import LoginNeeded, TimedOut, Unavailable
from vfs.visible import visible_line

GRANT = "urn:ietf:params:oauth:grant-type:device_code"
USUAL, LEAST, SLOWER = 5.0, 1.0, 5.0
LONGEST = 1800.0
SHOWN = 200


async def log_in(
    client: Client,
    scopes: Sequence[str],
    tell: Tell,
    *,
    service: str,
    ask: Ask = post_form,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    clock: Callable[[], float] = time.monotonic,
) -> Mapping[str, Any]:
    """What the service gave. Raises LoginNeeded when it or the person refuses, TimedOut, Unavailable."""
    if not client.device_uri:
        raise LoginNeeded(None, f"{service} has no login by a code", hint="leave --device out")
    await event_loop()
    whose = {"client_id": client.id, **({"client_secret": client.secret} if client.secret else {})}
    fields = {**whose, "scope": " ".join(scopes)}
    status, begun = await hop(lambda: ask(client.device_uri, fields, service))
    code, shown = begun.get("device_code"), begun.get("user_code")
    page = begun.get("verification_uri") or begun.get("verification_url")
    if status >= 400 or not all(isinstance(one, str) and one for one in (code, shown, page)):
        reason = f"{service} gives no code for this ({error_word(begun)})"
        raise LoginNeeded(None, reason, hint="log in with a browser: leave --device out")
    until = clock() + min(_seconds(begun.get("expires_in"), 600.0), LONGEST)
    pause = max(_seconds(begun.get("interval"), USUAL), LEAST)
    await tell(f"On any device, open {_shown(page)} and enter the code {_shown(shown)}")
    asked = {**whose, "grant_type": GRANT, "device_code": str(code)}
    while True:
        await sleep(pause)
        if clock() > until:
            raise TimedOut(None, "nobody entered the code in time", hint="run it again")
        try:
            status, answer = await hop(lambda: ask(client.token_uri, asked, service))
        except (Unavailable, TimedOut):
            # Also when it asks for a pause: the code stays good, and the person has typed it perhaps.
            pause += SLOWER
            continue
        if status < 400:
            return answer
        word = error_word(answer)
        if word == "slow_down":
            pause += SLOWER
        elif word == "expired_token":
            raise TimedOut(None, "nobody entered the code in time", hint="run it again")
        elif word != "authorization_pending":
            refusal = "the login was refused there" if word == "access_denied" else f"no tokens ({word})"
            raise LoginNeeded(None, f"{service}: {refusal}", hint="run it again")


def _seconds(value: Any, usual: float) -> float:
    return float(value) if isinstance(value, int | float) and 0 < value < 1e6 else usual


def _shown(text: Any) -> str:
    return visible_line(str(text)[:SHOWN])
