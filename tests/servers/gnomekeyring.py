"""gnome-keyring on a bus of its own: programs are run in it, and it ends with them."""

from __future__ import annotations

import os
import pathlib
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence

import pytest

REPOSITORY = pathlib.Path(__file__).parents[2]
_UNLOCKED = """
printf 'password\\n' | gnome-keyring-daemon --unlock --components=secrets --foreground >/dev/null 2>&1 &
daemon=$!
for try in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
    [ -S "$XDG_RUNTIME_DIR/keyring/control" ] && break
    sleep 0.1
done
"$@"
status=$?
kill $daemon
wait $daemon 2>/dev/null
exit $status
"""
_LOCKED = '"$@"'


def run_beside_keyring(
    folder: pathlib.Path, programs: Sequence[str], env: Mapping[str, str], *, locked: bool = False
) -> list[subprocess.CompletedProcess[bytes]]:
    """Runs Python programs one after the other beside one keyring; skips where there is none to install."""
    for tool in ("dbus-run-session", "gnome-keyring-daemon"):
        if shutil.which(tool) is None:
            pytest.skip(f"{tool} is not installed; scripts/test installs it on Debian")
    places = {}
    for name in ("XDG_DATA_HOME", "XDG_RUNTIME_DIR", "HOME"):
        place = folder / name.lower()
        place.mkdir(mode=0o700, exist_ok=True)
        places[name] = str(place)
    whole = {"PATH": os.environ["PATH"], "PYTHONPATH": str(REPOSITORY), **places, **env}
    return [
        subprocess.run(
            [
                "dbus-run-session", "--", "sh", "-c", _LOCKED if locked else _UNLOCKED, "sh",
                sys.executable, "-c", program,
            ],
            env=whole, capture_output=True, timeout=60, check=False,
        )
        for program in programs
    ]  # fmt: skip
