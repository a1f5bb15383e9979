"""The program on a real terminal: nothing that is stored, named or mistyped acts on it."""

from __future__ import annotations

import os
import pathlib
import sys

import pexpect
import pytest

from tests.commands.render.screen import ESCAPES, findings

ROOT = pathlib.Path(__file__).parents[2]

LINES = (
    "cat /notes/hostile.md",
    "head -3 /notes/hostile.md",
    "grep canary /notes/hostile.md",
    "search canary",
    "search canary | first 5",
    "search canary --json",
    "ls -l /notes",
    "ls /notes | where name ~ hostile",
    "task list",
    "task board",
    "history",
    "cat /notes/hostile.md | sort | tail -5",
    "cat '/notes/{name}'",
    "'{name}' x",
    "ls --'{name}'",
    "search '{name}' in /notes",
    "printf '%b' '\\033]0;owned\\007\\r\\033[2J'",
    "echo '{name}' | from json",
    "trash restore '/{name}'",
)


@pytest.mark.parametrize("text", ESCAPES, ids=range(len(ESCAPES)))
def test_a_session_of_hostile_texts_is_harmless(tmp_path: pathlib.Path, text: str) -> None:
    raw = text.encode("utf-8", "surrogateescape" if "\ud800" not in text else "replace").replace(b"\0", b"")
    (tmp_path / "text").write_bytes(b"canary " + raw + b" canary\n")
    name = text.encode("utf-8", "replace").decode().replace("'", "").replace("\0", "")
    script = tmp_path / "lines.spatio"
    lines = [
        "cat > /notes/hostile.md",
        f"task add 'canary {name}'",
        *(line.format(name=name) for line in LINES),
    ]
    script.write_text("\n".join(lines[1:]) + "\n", "utf-8", newline="\n")
    env = {
        **os.environ,
        "SPATIO_HOME": str(tmp_path / "home"),
        "TERM": "xterm-256color",
        "PYTHONPATH": str(ROOT),
    }
    run = f"{sys.executable} -m spatio"
    shell = f"{run} -c '{lines[0]}' < {tmp_path}/text && {run} {script}"
    child = pexpect.spawn("/bin/sh", ["-c", shell], env=env, timeout=60, dimensions=(24, 100))
    seen = child.read()
    child.close()
    assert b"canary" in seen
    assert b"Traceback" not in seen
    assert b"a bug in Spatio" not in seen
    assert findings(seen.replace(b"\r\n", b"\n")) == []
