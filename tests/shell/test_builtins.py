from __future__ import annotations

import pytest

from commands import registry
from commands.helptext import help_text
from tests.shell.shells import out, run

OURS = [name for name, where in registry.TABLE.items() if where.startswith("spatio.shell.builtins")]


@pytest.mark.parametrize("name", OURS)
def test_a_builtin_explains_itself(name: str) -> None:
    command = registry.find(name)
    assert command is not None
    assert command.examples
    assert command.summary in help_text(command)


@pytest.mark.parametrize("name", OURS)
def test_an_example_prints_what_it_says(name: str) -> None:
    command = registry.find(name)
    assert command is not None
    for example in command.examples:
        if example.prints is not None:
            assert out(example.line) == example.prints, example.line


@pytest.mark.parametrize(
    ("script", "printed"),
    [
        ("mkdir -p a/b; cd a/b; pwd; cd ..; pwd; cd -; cd; pwd", "/a/b\n/a\n/a/b\n/\n"),
        ("cd none; echo $?; cd f; echo $?", "1\n1\n"),
        ("printf ' a  b c \\n' | { read x y; echo \"[$x][$y]\"; }", "[a][b c]\n"),
        ("printf 'a\\\\tb\\\\\\nc\\n' | { read x; echo \"$x\"; }", "atbc\n"),
        ("printf 'a\\\\tb\\n' | { read -r x; echo \"$x\"; }", "a\\tb\n"),
        ("printf 'a:b::c\\n' | { IFS=: read x y z; echo \"$x,$y,$z\"; }", "a,b,:c\n"),
        ("printf 'ab' | { read x; echo $? $x; }", "1 ab\n"),
        ("printf 'abcd' | { read -n 2 x; read -n 1 y; echo $x $y; }", "ab c\n"),
        ("printf 'a;b;' | while read -d ';' x; do echo $x; done", "a\nb\n"),
        ("printf 'a\\n' | { read; echo $REPLY; }", "a\n"),
        ("set -- a b c; shift 2; echo $1; shift 5; echo $?", "c\n1\n"),
        ("x=1; export x; export y=2; export -n x; export", "export HOME=/\nexport y=2\n"),
        ("readonly r=1; unset r; echo $? $r", "1 1\n"),
        ("f() { :; }; unset f; f 2>/dev/null; echo $?", "127\n"),
        (
            "set -- -a -b v w; while getopts ab: o; do echo $o$OPTARG; done; shift $((OPTIND-1)); echo $1",
            "a\nbv\nw\n",
        ),
        ("set -- -ab v; while getopts ab: o; do echo $o$OPTARG; done", "a\nbv\n"),
        ("getopts a o -x; echo $o; OPTIND=1; getopts :a: o -a; echo $o$OPTARG", "?\n:a\n"),
        ("echo 'x=5; return 4; x=6' > s; . ./s; echo $? $x; source none; echo $?", "4 5\n1\n"),
        ("echo 'echo $1 $#' > s; . ./s q; echo $#", "q 1\n0\n"),
        (
            "type cd ls if nope; command -v ls nope; echo $?",
            "cd is a shell builtin\nls is a shell builtin\nif is a shell keyword\nls\n1\n",
        ),
        ("echo() { command echo mine $1; }; echo x", "mine x\n"),
        ("let x=2+3; echo $x; let 0; echo $?", "5\n1\n"),
        ("set -o | grep errexit; set -e; echo $-", "errexit         off\ne\n"),
        ("break; echo $?; return; echo $?", "0\n2\n"),
        (": a b; echo $?; eval; echo $?", "0\n0\n"),
        ("(exec echo a; echo no); exec nosuch_q; echo no", "a\n"),
        ("alias a='echo b'; alias a; unalias a; alias a; echo $?", "alias a='echo b'\n1\n"),
        ("trap 'echo x' EXIT INT; trap; trap - EXIT INT", "trap -- 'echo x' EXIT\ntrap -- 'echo x' INT\n"),
        ("local x; echo $?; exit x", "1\n"),
    ],
)
def test_builtins_do_what_they_do_everywhere(script: str, printed: str) -> None:
    assert run(script, f="x").out == printed


def test_export_with_a_folder_is_the_other_command() -> None:
    assert "not a valid name" not in run("export ./somewhere --nope").err
