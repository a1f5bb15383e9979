from __future__ import annotations

from commands.stream import Collected, Given, Io
from tests.shell.shells import Done, Shell
from vfs.action import Arguments, Effect
from vfs.drive import drive
from vfs.errors import NotFound, Refused
from vfs.path import Path


def call(shell: Shell, *argv: str, stdin: str = "") -> Done:
    out, err = Collected(), Collected()
    status = drive(shell.session.call(argv, Io(Given(stdin.encode()), out, err)))
    return Done(status, out.data.decode(), err.data.decode())


def test_the_words_of_a_call_are_taken_as_they_are() -> None:
    shell = Shell({"a b": "x\n"})
    assert call(shell, "echo", "$HOME", "*", ";", "a  b").out == "$HOME * ; a  b\n"
    assert call(shell, "cat", "a b").out == "x\n"


def test_an_operand_with_wildcards_that_names_nothing_is_globbed() -> None:
    shell = Shell({"n/a": "1\n", "n/b": "2\n", "n/*": "star\n"})
    assert call(shell, "cat", "/n/?").out == "star\n1\n2\n"
    assert call(shell, "cat", "/n/*").out == "star\n"
    assert call(shell, "grep", "[12]", "/n/[ab]").out == "/n/a:1\n/n/b:2\n"
    assert call(shell, "cat", "/n/x*").err == "cat: /n/x*: no such file or directory\n"


def test_a_call_of_nothing_known_is_127() -> None:
    assert call(Shell(), "grpe").status == 127


def test_a_call_within_a_command_globs_nothing() -> None:
    shell = Shell({"a*": "star\n", "ab": "b\n"})
    assert shell("printf '%s\\n' '?b' | xargs echo").out == "?b\n"


def test_a_fork_shares_nothing_that_either_may_change() -> None:
    shell = Shell({"d/x": ""})
    shell("x=1; f() { echo f; }")
    fork = shell.session.fork(cwd=Path(("d",)))
    fork.vars.set("x", "2")
    fork.functions.clear()
    assert shell("echo $x; f; pwd").out == "1\nf\n/\n"
    assert fork.cwd == Path(("d",))


class Narrow:
    """Sees /d only, and lets nobody write."""

    def sees(self, path: Path) -> bool:
        return not path.parts or path.parts[0] == "d"

    async def check(self, effect: Effect, path: Path, deed: Arguments | None = None) -> None:
        if not self.sees(path):
            raise NotFound(path)
        if effect not in Effect.READ:
            raise Refused(path)


def test_a_fork_with_a_guard_has_its_rights_everywhere() -> None:
    shell = Shell({"d/x": "in\n", "e/y": "out\n"})
    fork = shell.session.fork(guard=Narrow(), actor="agent:a/1")

    def ask(text: str) -> Done:
        out, err = Collected(), Collected()
        status = drive(fork.run(text, Io(Given(), out, err)))
        return Done(status, out.data.decode(), err.data.decode())

    assert ask("cat /d/x; echo /*; cat /e/y").out == "in\n/d\n"
    assert ask("X='cat /e/y'; eval \"$X\"; echo /e/y | xargs cat; echo $(cat /e/y)").out == "\n"
    assert ask("cd /e").status == 1
    refused = ask("echo no > /d/x")
    assert refused.status == 126
    assert ask("echo a > /d/new; echo $?").out == "126\n"
    assert shell.read("d/x") == "in\n"
    assert ask("!echo x").status == 126


def test_an_error_never_shows_a_traceback() -> None:
    shell = Shell()

    class Broken:
        def find(self, name: str) -> None:
            raise ZeroDivisionError("oh")

    shell.session.services.commands = Broken()  # type: ignore[misc, assignment]
    done = shell("anything; echo no")
    assert (done.status, done.err) == (70, "spatio: a bug in Spatio: ZeroDivisionError: oh\n")
