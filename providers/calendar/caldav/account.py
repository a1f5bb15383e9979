"""Account: the remote that a mount's options describe, and the password that it logs in with."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from providers.calendar.caldav.asking import Dav, Login
from providers.calendar.caldav.hrefs import origin_of
from providers.calendar.caldav.options import addresses_of, secret_name
from providers.calendar.caldav.remote import CalDavRemote
from providers.http import BOUNDS, Bounds
from vfs.drive import hop
from vfs.errors import LoginNeeded

Secret = Callable[[str], str | None]


def remedy(options: Mapping[str, str]) -> str:
    """How a person logs in again."""
    return f"run: connect caldav --url {options['url']} --user {options['user']}"


def open_account(
    options: Mapping[str, str], secret: Secret, *, bounds: Bounds = BOUNDS, hint: str = ""
) -> CalDavRemote:
    """The account of a mount. Asks nobody."""
    name, step = secret_name(options), hint or remedy(options)

    async def password() -> str:
        found = await hop(lambda: secret(name))
        if found is None:
            reason = f"{options['user']} at {name.rpartition('@')[2]}: no password is kept here"
            raise LoginNeeded(None, reason, hint=step)
        return found

    async def renewed(stale: str) -> str | None:
        """One that was given meanwhile, by another program."""
        fresh = await password()
        return fresh if fresh != stale else None

    login = Login(options["user"], password, renewed, step)
    parallel = int(options.get("parallel") or 8)

    named = origin_of(options["url"])

    def server(origin: str) -> Dav:
        # The server that the person names may stand in their own network; one that it names may not.
        inside = True if origin == named else None
        ca = options.get("ca") or ""
        return Dav(origin, login, ca=ca, bounds=bounds, parallel=parallel, inside=inside)

    return CalDavRemote(options["url"], server, addresses_of(options), parallel)
