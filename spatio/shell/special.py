"""Special parameters: `$?`, `$#`, `$!`, `$$`, `$-`, RANDOM, SECONDS, LINENO."""

from __future__ import annotations

import os
import random
import time
from typing import TYPE_CHECKING

from spatio.shell.syntax import line_of

if TYPE_CHECKING:
    from spatio.session import Session
    from spatio.shell.run import Runner

LETTERS = {
    "allexport": "a",
    "errexit": "e",
    "noclobber": "C",
    "noexec": "n",
    "noglob": "f",
    "nounset": "u",
    "verbose": "v",
    "xtrace": "x",
}
"""Options that have a letter; `pipefail` has none."""


def special(session: Session, name: str) -> str:
    """The value of a parameter that the shell itself keeps."""
    if name == "?":
        return str(int(session.last_status))
    if name == "#":
        return str(len(session.vars.args))
    if name == "$":
        return str(os.getpid())
    if name == "!":
        last = session.jobs.last
        return "" if last is None else str(last)
    if name == "-":
        letters = "".join(sorted(LETTERS[option] for option in session.options if option in LETTERS))
        return letters + "i" * session.interactive
    if name == "RANDOM":
        return str(random.randrange(32768))  # noqa: S311 - no secret depends on it
    if name == "SECONDS":
        return str(int(time.monotonic() - session.started))
    return str(line_number(session.runner))


def line_number(runner: Runner) -> int:
    """The line of the script that runs now, from 1."""
    return line_of(runner.source, runner.position) + (runner.above or 0)
