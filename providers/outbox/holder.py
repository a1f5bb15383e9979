"""Holder: who has leased a deed, in words that tell later whether that program still runs.

A lease runs out by the clock. On the same machine it ends with the program that took it, which is
known at once; another machine's is believed for a while beyond its end.
"""

from __future__ import annotations

import os

LEASE = 60.0
"""Seconds that a lease lasts; it is renewed while its holder works."""

RENEWED = 15.0
"""Seconds between two renewals."""

GRACE = 600.0
"""Seconds after its end for which another machine's hold on what is leaving is believed: its last words
may still be under way to the service."""

UNTOLD = "-"


_held: set[str] = set()
"""The leases of this program that it works under."""


def new_lease() -> str:
    """A lease of this program, unlike any other; it holds until `let_go`."""
    lease = f"{_machine()} {os.getpid()} {_started(os.getpid())} {os.urandom(8).hex()}"
    _held.add(lease)
    return lease


def let_go(lease: str) -> None:
    """Nothing is done any more under a lease of this program, whatever the store says of it."""
    _held.discard(lease)


def has_ended(lease: str | None, until: int | None, now: int, *, sure: bool = False) -> bool:
    """Whether nobody works under a lease any more; `until` and `now` in microseconds.

    `sure`: a program of this machine that runs still has it, whatever the clock says, and another machine's
    is believed for GRACE seconds beyond its end.
    """
    if lease is None or until is None:
        return True
    machine, _, rest = lease.partition(" ")
    words = rest.split(" ")
    if machine == _machine() and len(words) == 3 and words[0].isdigit() and words[1] != UNTOLD:
        own = int(words[0]) == os.getpid()
        if (lease not in _held) if own else not _runs(int(words[0]), words[1]):
            return True
        return not sure and until < now
    return until + (int(GRACE * 1_000_000) if sure else 0) < now


def _runs(pid: int, started: str) -> bool:
    """Whether the program with this number is still the one that took the lease."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return _started(pid) == started


def _started(pid: int) -> str:
    """When a process began, in the system's own count; UNTOLD where that is not told."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            text = file.read()
    except OSError:
        return UNTOLD
    fields = text.rpartition(b")")[2].split()
    # A zombie has ended, even though nobody has asked for its status yet.
    return UNTOLD if fields[0] in (b"Z", b"X") else fields[19].decode()


def _machine() -> str:
    """This boot of this machine, and the space of its process numbers."""
    try:
        with open("/proc/sys/kernel/random/boot_id", encoding="ascii") as file:
            boot = file.read().strip()
        space = os.readlink("/proc/self/ns/pid").strip("pid:[]")
    except OSError:
        boot, space = "-", "-"
    return f"{os.uname().nodename}/{boot}/{space}".replace(" ", "-")
