"""The program from outside: every surface, its exit statuses, and poor surroundings."""

from __future__ import annotations

import os
import pathlib
import signal
import subprocess
import sys
import time
from collections.abc import Mapping

import pytest

from tests.workspaces import outside_env

ROOT = pathlib.Path(__file__).parents[2]
SPATIO = (sys.executable, "-m", "spatio")


@pytest.fixture
def home(tmp_path: pathlib.Path) -> pathlib.Path:
    return tmp_path / "home"


def spatio(
    home: pathlib.Path,
    *words: str,
    stdin: bytes = b"",
    env: Mapping[str, str] | None = None,
    cwd: pathlib.Path = ROOT,
) -> subprocess.CompletedProcess[bytes]:
    full = {**outside_env(home), "PYTHONPATH": str(ROOT), **(env or {})}
    return subprocess.run(
        [*SPATIO, *words], input=stdin, capture_output=True, env=full, cwd=cwd, timeout=60, check=False
    )


def clean(done: subprocess.CompletedProcess[bytes]) -> None:
    assert b"Traceback" not in done.stderr
    assert b"a bug in Spatio" not in done.stderr


def test_one_command_takes_its_words_as_they_are(home: pathlib.Path) -> None:
    done = spatio(home, "echo", "a  b", "$HOME", "*", "'q'")
    assert (done.stdout, done.returncode) == (b"a  b $HOME * 'q'\n", 0)


def test_an_operand_with_wildcards_that_names_nothing_is_globbed(home: pathlib.Path) -> None:
    spatio(home, "-c", "echo one > /notes/a.md; echo two > /notes/b.md")
    assert spatio(home, "cat", "/notes/*.md").stdout == b"one\ntwo\n"


def test_a_line_runs_and_gives_its_status(home: pathlib.Path) -> None:
    done = spatio(home, "-c", 'echo "$0 $1 $2"; exit 7', "name", "x y", "z")
    assert (done.stdout, done.returncode) == (b"name x y z\n", 7)


def test_a_script_gets_its_arguments(home: pathlib.Path, tmp_path: pathlib.Path) -> None:
    script = tmp_path / "job.spatio"
    script.write_text('#!/usr/bin/env spatio\nfor word in "$@"; do echo "[$word]"; done\nexit 4\n')
    for name in (str(script), "./job.spatio", "job.spatio"):
        done = spatio(home, name, "a b", "c", cwd=tmp_path)
        assert (done.stdout, done.returncode) == (b"[a b]\n[c]\n", 4)


def test_a_script_that_is_not_there_is_127(home: pathlib.Path, tmp_path: pathlib.Path) -> None:
    done = spatio(home, "./none.spatio", cwd=tmp_path)
    assert (done.stderr, done.returncode) == (b"spatio: ./none.spatio: no such file or directory\n", 127)


@pytest.mark.parametrize("content", [b"\x7fELF\x00\x01", b"\x00"])
def test_a_script_that_is_no_text_is_126(home: pathlib.Path, tmp_path: pathlib.Path, content: bytes) -> None:
    (tmp_path / "x.spatio").write_bytes(content)
    done = spatio(home, "./x.spatio", cwd=tmp_path)
    assert done.returncode == 126
    clean(done)


def test_commands_are_read_from_standard_input(home: pathlib.Path) -> None:
    done = spatio(
        home, stdin=b"cd /notes\npwd\nif true\nthen\n  echo yes\nfi\ncat <<END\nin $PWD\nEND\nfalse\n"
    )
    assert (done.stdout, done.returncode) == (b"/notes\nyes\nin /notes\n", 1)


def test_an_error_in_standard_input_names_its_line(home: pathlib.Path) -> None:
    done = spatio(home, stdin=b"echo a\n\ngrpe\nif true; then\n  nope\nfi\necho $LINENO\nls )\n")
    assert done.stdout == b"a\n7\n"
    said = [line for line in done.stderr.decode().splitlines() if not line.startswith(" ")]
    assert said == [
        "grpe: command not found (line 3)",
        "nope: command not found (line 5)",
        "spatio: line 8: syntax error at `)`",
    ]


def test_a_command_in_standard_input_may_read_what_follows(home: pathlib.Path) -> None:
    done = spatio(home, stdin=b"read x\nvalue of x\necho got $x\nhead -n 1\nto head\necho end\n")
    assert done.stdout == b"got value of x\nto head\nend\n"


def test_commands_from_standard_input_run_as_they_come(home: pathlib.Path) -> None:
    with subprocess.Popen(
        SPATIO, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=outside_env(home), cwd=ROOT
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(b"echo first\n")
        process.stdin.flush()
        assert process.stdout.readline() == b"first\n"
        process.stdin.write(b"exit 5\necho never\n")
        process.stdin.close()
        assert process.stdout.read() == b""
        assert process.wait(30) == 5


def test_a_syntax_error_is_2_and_the_input_goes_on(home: pathlib.Path) -> None:
    done = spatio(home, stdin=b"echo (\necho on\n")
    assert done.returncode in (0, 2)
    clean(done)
    assert spatio(home, "-c", "echo 'open").returncode == 2


def test_host_pipes_work_both_ways(home: pathlib.Path) -> None:
    done = spatio(home, "grep", "-c", "x", stdin=b"x\ny\nxx\n")
    assert (done.stdout, done.returncode) == (b"2\n", 0)


def test_records_become_json_lines(home: pathlib.Path) -> None:
    spatio(home, "-c", "echo a > /files/a.txt")
    done = spatio(home, "ls", "/files", "--json")
    assert done.stdout.startswith(b'{"name": "a.txt"')


@pytest.mark.parametrize(
    ("words", "status", "says"),
    [
        (("lss",), 127, b"did you mean ls?"),
        (("--hlep",), 2, b"unknown option --hlep"),
        (("--home",), 2, b"--home needs a folder"),
        (("-c",), 2, b"-c needs a line"),
        (("cat", "/notes/none"), 1, b"cat: /notes/none: no such file or directory"),
        (("cat", "--nmber"), 1, b"did you mean --number?"),
        (("completion", "tcsh"), 2, b"try: bash, zsh or fish"),
        (("demo", "--today", "soon"), 2, b"--today"),
    ],
)
def test_mistakes_are_one_clean_line_and_a_status(
    home: pathlib.Path, words: tuple[str, ...], status: int, says: bytes
) -> None:
    done = spatio(home, *words)
    assert (done.returncode, says in done.stderr) == (status, True), done
    assert done.stdout == b""
    clean(done)


def test_help_and_version(home: pathlib.Path) -> None:
    assert spatio(home, "--help").stdout.startswith(b"usage: spatio ")
    assert spatio(home, "--version").stdout.startswith(b"spatio 0.")
    assert not home.exists()


def test_everything_lies_below_the_home_and_is_private(home: pathlib.Path) -> None:
    old = os.umask(0)
    try:
        spatio(home, "-c", "echo a > /notes/a.md; echo b > /tmp/b; head -c 200000 /dev/zero > /files/big")
    finally:
        os.umask(old)
    scratch = home / "cache" / "tmp"
    entries = [home, *(path for path in home.rglob("*") if scratch not in path.parents)]
    assert len(entries) > 5
    assert [path for path in entries if path.stat().st_mode & 0o077] == []


def test_a_closed_reader_is_quiet(home: pathlib.Path) -> None:
    with subprocess.Popen(
        [*SPATIO, "seq", "1000000"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=outside_env(home),
        cwd=ROOT,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(30) == 141


def test_ctrl_c_is_130_and_quiet(home: pathlib.Path) -> None:
    for words in (("sleep", "50"), ("-c", "while true; do :; done"), ("-c", "sleep 50 | cat")):
        with subprocess.Popen(
            [*SPATIO, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=outside_env(home), cwd=ROOT
        ) as process:
            time.sleep(1.0)
            process.send_signal(signal.SIGINT)
            _, errors = process.communicate(timeout=30)
            assert (process.returncode, errors) == (130, b"")


def test_closed_standard_streams_harm_nothing(home: pathlib.Path) -> None:
    spatio(home, "-c", "echo whole > /notes/a.md")
    line = f"{sys.executable} -m spatio"
    env = outside_env(home)

    def shell(text: str) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(
            ["sh", "-c", text], capture_output=True, env=env, cwd=ROOT, timeout=60, check=False
        )

    assert shell(f"{line} cat <&-").returncode == 0
    refused = shell(f"{line} cat /notes/a.md >&-")
    assert refused.returncode == 1
    clean(refused)
    assert shell(f"{line} cat /notes/none 2>&-").returncode == 1
    shell(f"{line} -c 'echo more >> /notes/a.md' <&- >&- 2>&-")
    assert spatio(home, "cat", "/notes/a.md").stdout == b"whole\nmore\n"
    assert (home / "data" / "spatio.db").read_bytes().startswith(b"SQLite format 3")


def test_a_full_disk_on_standard_output_is_said(home: pathlib.Path) -> None:
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            [*SPATIO, "echo", "x"],
            stdout=full,
            stderr=subprocess.PIPE,
            env=outside_env(home),
            cwd=ROOT,
            check=False,
        )
    assert done.returncode == 1
    assert b"disk full" in done.stderr


@pytest.mark.parametrize(
    "env", [{"LANG": "C", "LC_ALL": "C"}, {"TERM": "dumb"}, {"TERM": ""}, {"COLUMNS": "20"}]
)
def test_poor_surroundings_change_no_answer(home: pathlib.Path, env: dict[str, str]) -> None:
    done = spatio(home, "-c", "echo 'grüße 灯台' > /notes/ä.md; cat /notes/ä.md; ls /notes", env=env)
    assert done.stdout.decode() == "grüße 灯台\nä.md\n"
    assert done.stderr == b""


def test_without_a_home_one_line_says_what_to_set(tmp_path: pathlib.Path) -> None:
    env = {
        name: value for name, value in os.environ.items() if not name.startswith(("SPATIO", "XDG", "HOME"))
    }
    program = "import os; os.path.expanduser = lambda path: path\nfrom spatio.entry import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", program, "ls", "/"], env=env, capture_output=True, cwd=ROOT, check=False
    )
    assert (done.returncode, done.stdout) == (75, b"")
    assert b"set SPATIO_HOME=DIR" in done.stderr


def test_a_home_that_cannot_be_written_still_serves_what_needs_none() -> None:
    home = pathlib.Path("/proc/nowhere")
    assert spatio(home, "echo", "fine").stdout == b"fine\n"
    assert spatio(home, "-c", "echo x > /tmp/x; cat /tmp/x").stdout == b"x\n"
    done = spatio(home, "cat", "/notes/a.md")
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 2
    assert b"set SPATIO_HOME=DIR" in done.stderr
    clean(done)


def test_folders_of_the_working_directory_are_not_imported(
    home: pathlib.Path, tmp_path: pathlib.Path
) -> None:
    for name in ("commands", "providers", "vfs", "spatio"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text("raise SystemExit('the wrong package')")
    installed = (
        "import runpy, sys; sys.path.insert(0, ''); runpy.run_path(sys.argv.pop(1), run_name='__main__')"
    )
    done = subprocess.run(
        [sys.executable, "-c", installed, str(ROOT / "spatio" / "__main__.py"), "echo", "ours"],
        env={**outside_env(home), "PYTHONPATH": str(ROOT)},
        capture_output=True,
        cwd=tmp_path,
        check=False,
    )
    assert done.stdout == b"ours\n", done


def test_secrets_of_the_environment_are_no_variables(home: pathlib.Path) -> None:
    env = {"OPENAI_API_KEY": "canary-1", "MY_TOKEN": "canary-2", "DB_PASSWORD": "canary-3", "PLAIN": "kept"}
    done = spatio(home, "-c", "export; echo $OPENAI_API_KEY $MY_TOKEN $PLAIN", env=env)
    assert b"canary" not in done.stdout + done.stderr
    assert b"kept" in done.stdout


def test_a_config_with_a_typo_names_its_line(home: pathlib.Path) -> None:
    home.mkdir()
    (home / "config.toml").write_text('# mine\n[mounts."/x"]\nprovidr = "local"\n')
    done = spatio(home, "ls", "/")
    assert done.returncode == 2
    assert f"{home}/config.toml:3".encode() in done.stderr
    assert b"did you mean provider" in done.stderr


def test_two_programs_that_found_one_workspace_agree(home: pathlib.Path) -> None:
    processes = [
        subprocess.Popen(
            [*SPATIO, "-c", f"echo {at} > /notes/{at}.md"],
            stderr=subprocess.PIPE,
            env=outside_env(home),
            cwd=ROOT,
        )
        for at in range(4)
    ]
    for process in processes:
        assert process.communicate(timeout=60)[1] == b""
        assert process.returncode == 0
    assert spatio(home, "ls", "/notes").stdout == b"0.md\n1.md\n2.md\n3.md\n"
    assert b"summarizer.md" in spatio(home, "ls", "/agents").stdout
    assert sorted(path.name for path in (home / "data").glob("*.new*")) == []
    assert spatio(home, "doctor").returncode == 0


def test_the_first_undo_takes_back_nothing_of_the_founding(home: pathlib.Path) -> None:
    assert spatio(home, "undo").returncode == 1
    assert b"summarizer.md" in spatio(home, "ls", "/agents").stdout
