from __future__ import annotations

import os
import pathlib
import subprocess
import sys

import pytest

from tests.shell.shells import Shell, out, run


@pytest.mark.parametrize(
    ("script", "printed"),
    [
        ("if false; then echo a; elif true; then echo b; else echo c; fi", "b\n"),
        ("for i in a 'b c'; do echo \"[$i]\"; done", "[a]\n[b c]\n"),
        ("set -- x y; for i; do echo $i; done", "x\ny\n"),
        ("i=0; while [ $i -lt 3 ]; do i=$((i+1)); [ $i = 2 ] && continue; echo $i; done", "1\n3\n"),
        ("i=3; until [ $i = 0 ]; do i=$((i-1)); done; echo $i", "0\n"),
        ("for ((i=0; i<2; i++)); do echo $i; done", "0\n1\n"),
        ("for i in 1 2; do for j in 1 2; do break 2; done; done; echo $i$j", "11\n"),
        ("case ab in x|a*) echo 1;;& *b) echo 2;& c) echo 3;; *) echo 4;; esac", "1\n2\n3\n"),
        ("f() { echo $# $1; return 3; }; f 'a b' c; echo $?", "2 a b\n3\n"),
        ("f() { local x=in; g; }; g() { echo $x; }; x=out; f; echo $x", "in\nout\n"),
        ("x=1; (x=2; cd /; echo $x); echo $x", "2\n1\n"),
        ("x=1; { x=2; }; echo $x", "2\n"),
        ("[[ abc == a* && ! -e none && ( 3 -gt 2 || z == y ) ]]; echo $?", "0\n"),
        ("[[ a1 =~ ^[a-z][0-9]$ ]] && echo fits", "fits\n"),
        ("[[ x1y =~ [[:digit:]]+ ]] && echo fits; [[ a =~ b|^$ ]] || echo not", "fits\nnot\n"),
        ("x=a$(seq -s '' 9999 | tr 0-9 a)b; [[ $x =~ ^(a+)+$ ]] || echo not", "not\n"),
        ("((3 > 2)) && echo yes; ((0)) || echo no", "yes\nno\n"),
        ("! true; echo $?; ! false | true; echo $?", "1\n1\n"),
        ("true && false || echo c", "c\n"),
        ("x=a; x+=b; y=$x z=$y; echo $z", "ab\n"),
        ("x=1; x=2 eval 'echo $x'; echo $x", "2\n1\n"),
        ("eval 'for i in 1 2; do' 'echo $i; done'", "1\n2\n"),
        ("alias hi='echo hello'\nhi you", "hello you\n"),
    ],
)
def test_control_flow_does_what_it_says(script: str, printed: str) -> None:
    assert out(script) == printed


@pytest.mark.parametrize(
    ("script", "status", "printed"),
    [
        ("set -e; echo a; false; echo no", 1, "a\n"),
        ("set -e; false || true; if false; then :; fi; ! true; false && true; echo on", 0, "on\n"),
        ("set -e; f() { false; echo in; }; f || true; f", 1, "in\n"),
        ("set -e; x=$(false); echo no", 1, ""),
        ("set -e; (exit 4); echo no", 4, ""),
        ("set -o pipefail; false | true; echo $?", 0, "1\n"),
        ("set -eo pipefail; yes | head -n 1; echo on", 0, "y\non\n"),
        ("set -f; echo *; set +f", 0, "*\n"),
        ("set -n; echo no", 0, ""),
        ("exit 3; echo no", 3, ""),
        ("nosuch_q; echo $?", 0, "127\n"),
        ("(exit 300); echo $?", 0, "44\n"),
        ("trap 'echo bye $?' EXIT; false", 1, "bye 1\n"),
        ("trap 'echo bye; exit 5' EXIT; exit 3", 5, "bye\n"),
        ("(trap 'echo in' EXIT); echo out", 0, "in\nout\n"),
    ],
)
def test_options_and_statuses_are_as_everywhere(script: str, status: int, printed: str) -> None:
    done = run(script)
    assert (done.status, done.out) == (status, printed)


def test_an_error_of_syntax_is_found_when_its_line_is_reached() -> None:
    done = run("echo a\necho b | | c\necho d")
    assert (done.status, done.out) == (2, "a\n")
    assert done.err == "spatio: line 2: syntax error at `|`, a command is missing\n"


def test_errors_of_the_shell_in_a_script_name_its_line() -> None:
    done = run("echo a\ngrpe a\n(\n  nope\n)\ncat /none\nset -u\necho $missing\n")
    assert [line for line in done.err.splitlines() if not line.startswith(" ")] == [
        "grpe: command not found (line 2)",
        "nope: command not found (line 4)",
        "cat: /none: no such file or directory",
        "spatio: line 8: missing: unbound variable",
    ]


def test_an_unknown_command_is_answered_with_the_nearest() -> None:
    done = run("grpe a")
    assert done.status == 127
    assert done.err == "grpe: command not found\n  did you mean grep?\n"


def test_a_path_is_no_command() -> None:
    done = run("mkdir d; ./d; echo $?; ./x; echo $?")
    assert done.out == "126\n127\n"


def test_state_stays_from_line_to_line() -> None:
    shell = Shell({"notes/a.md": "x"})
    shell("cd /notes; v=1; f() { echo f$v; }; alias l='ls'")
    assert shell("f; l; pwd").out == "f1\na.md\n/notes\n"


def test_arguments_are_given_to_a_script() -> None:
    assert Shell()('echo $0 $# "$2"', "", "a", "b c").out == "spatio 2 b c\n"


@pytest.mark.parametrize(
    "script",
    [
        "f() { f; }; f",
        "f() { x=$(f); }; f",
        "f() { f | f; }; f",
        "eval() { command eval f; }; f() { eval; }; f",
    ],
)
def test_endless_recursion_ends_in_one_clear_error(script: str) -> None:
    done = run(script)
    assert "Traceback" not in done.err
    assert "RecursionError" not in done.err
    assert "more than" in done.err


def test_recursion_may_be_deep() -> None:
    assert out("f() { if [ $1 -gt 0 ]; then f $(( $1 - 1 )); else echo bottom; fi; }; f 250") == "bottom\n"


def test_a_fork_bomb_fizzles_out() -> None:
    done = run("f() { f & f; }; f")
    assert "at once" in done.err or "nested" in done.err


def test_records_stay_records_between_commands_and_become_lines_elsewhere() -> None:
    files = {"n/b": "22", "n/a": "1"}
    assert Shell(files)("ls /n | sort-by size | first 1 | select name").out.split() == ["a"]
    assert Shell(files)("ls /n > f; cat f; ls /n | grep a | wc -l").out == "a\nb\n1\n"


def test_every_change_of_a_line_carries_one_id() -> None:
    shell = Shell()
    seen = []

    async def intend(change: object, *rest: object) -> str:
        seen.append(change)
        return ""

    class Journal:
        async def settle(self, key: str, *, done: bool, after: object = None) -> None:
            return None

    journal = Journal()
    journal.intend = intend  # type: ignore[attr-defined]
    shell.session.tree.journal = journal  # type: ignore[assignment]
    shell("touch a; echo x > b\ntouch c")
    ids = [change.command_id for change in seen]  # type: ignore[attr-defined]
    assert len(set(ids)) == 2
    assert seen[0].command == "touch a; echo x > b"  # type: ignore[attr-defined]


def test_a_secret_in_a_line_is_not_kept() -> None:
    from spatio.shell.masking import masked

    line = "export API_KEY=abc123 && curl https://me:pw@x.org --token 'q r' sk-abcdefghijkl"
    assert masked(line) == "export API_KEY=*** && curl https://me:***@x.org --token *** ***"
    assert masked("ls /notes | grep keys") == "ls /notes | grep keys"


def test_a_bad_regular_expression_is_one_clear_error() -> None:
    done = run("[[ a =~ a{2,1} ]]; echo no")
    assert "a{2,1}: not a regular expression" in done.err


def test_a_variable_that_keeps_doubling_ends_before_the_memory_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("spatio.shell.variables.LONGEST", 1000)
    done = run("x=x; while :; do x=$x$x; done; echo no")
    assert (done.status, done.out) == (1, "")
    assert "x: a value of more than 1,000 characters" in done.err


def test_too_little_memory_is_one_clear_error(tmp_path: pathlib.Path) -> None:
    """A redirect is where much is held; what it replaces stays."""
    main = "import sys; sys.path.insert(0, sys.argv.pop(1)); from spatio.entry import main; main()"
    root = str(pathlib.Path(__file__).parents[2])
    env = {**os.environ, "SPATIO_HOME": str(tmp_path)}

    def ran(line: str, most: int = 0) -> subprocess.CompletedProcess[str]:
        limit = f"import resource; resource.setrlimit(resource.RLIMIT_AS, ({most}, {most})); " if most else ""
        words = [sys.executable, "-c", limit + main, root, "-c", line]
        return subprocess.run(words, env=env, capture_output=True, text=True, check=False)

    assert ran("echo old > /files/z").returncode == 0
    for size in (50, 55, 60, 70):
        done = ran("seq 300000 > /files/z", size * 1024 * 1024)
        assert "a bug in" not in done.stderr, done.stderr
        assert ran("tail -n 1 /files/z").stdout == ("300000\n" if done.returncode == 0 else "old\n")
        if done.returncode == 0:
            break
