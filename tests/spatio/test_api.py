from __future__ import annotations

import subprocess
import sys

import spatio.api
from spatio.api import run_script


def test_every_name_is_there() -> None:
    assert [name for name in spatio.api.__all__ if getattr(spatio.api, name, None) is None] == []


def test_importing_it_loads_next_to_nothing() -> None:
    script = "import sys, spatio.api; print([m for m in sys.modules if m.startswith(('vfs', 'commands'))])"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_a_script_runs_in_a_folder_with_its_files() -> None:
    status, out, err = run_script("pwd; cat a d/b; ls; exit 3", {"a": "1\n", "d/b": b"2\n"})
    assert (status, out, err) == (3, b"/files/case\n1\n2\na\nd\n", b"")


def test_each_script_has_a_workspace_of_its_own() -> None:
    run_script("echo x > /files/kept; echo y > /tmp/kept", {})
    assert run_script("ls /files; ls /tmp", {})[1] == b"case\n"


def test_a_script_reads_its_input() -> None:
    assert run_script("cat | tr a-z A-Z", {}, b"hello\n") == (0, b"HELLO\n", b"")


def test_its_environment_is_fixed() -> None:
    assert run_script("echo $HOME $USER $TZ", {})[1] == b"/home/user user UTC\n"
