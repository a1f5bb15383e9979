from __future__ import annotations

import pytest

from tests.shell.shells import Shell, out, run


@pytest.mark.parametrize(
    ("script", "printed"),
    [
        ("echo a > f; echo b >> f; cat f", "a\nb\n"),
        ("> f; wc -c < f", "0\n"),
        ("{ echo o; echo e >&2; } > f 2>&1; cat f", "o\ne\n"),
        ("{ echo o; echo e >&2; } &> f; cat f; echo x &>> f; cat f", "o\ne\no\ne\nx\n"),
        ("{ echo a >&3; echo b; } 3> f > g; cat f g", "a\nb\n"),
        ("echo x > a > b; wc -c < a; cat b", "0\nx\n"),
        ("cat <<< 'a b'; cat <<E\n$((1+1)) \\$x\nE", "a b\n2 $x\n"),
        ("cat <<-'E'\n\t$x\n\tE", "$x\n"),
        ("exec 3> f; echo a >&3; cat f; echo b >&3; exec 3>&-; cat f", "a\na\nb\n"),
        ("exec 3< f; read x <&3; read y <&3; echo $x$y", "12\n"),
        ("{ read x; read y; } < f; echo $x$y", "12\n"),
        ('while read l; do echo "[$l]"; done < f', "[1]\n[2]\n"),
        ("echo x > '/dev/null'; cat /dev/null; ls /dev", "null\n"),
        ("x=f; cat < $x | wc -l", "2\n"),
        ("echo err 2> g >&2; cat g; { ls none; } 2>&1 | wc -l", "err\n1\n"),
    ],
)
def test_a_redirect_does_what_it_does_everywhere(script: str, printed: str) -> None:
    assert out(script, f="1\n2\n").splitlines() == printed.splitlines()


def test_a_command_may_read_the_file_that_it_replaces() -> None:
    assert out("sort f > f; cat f", f="b\na\n") == "a\nb\n"
    assert out("{ cat f; echo c; } > f; cat f", f="a\nb\n") == "a\nb\nc\n"


def test_a_file_that_a_redirect_makes_is_there_and_empty_from_its_opening() -> None:
    assert out("{ cat other; ls o*; } > other; cat other") == "other\n"
    assert out("ls > new; grep new new; { test -f log && ls l*; } 2> log; ls l*") == "new\nlog\nlog\n"


def test_redirects_to_one_file_inside_one_another_write_one_file() -> None:
    assert out("{ echo 1; echo 2 >> f; echo 3; } >> f; cat f", f="0\n") == "0\n1\n2\n3\n"
    assert out("{ echo aaaa; echo b > f; echo c; } > f; cat f | tr '\\0' 0") == "b\n000c\n"


def test_an_ordinary_failure_commits() -> None:
    assert out("grep none g > f; echo $?; wc -c < f", f="old\n", g="x\n") == "1\n0\n"
    assert out("nosuch_q > f 2>/dev/null; wc -c < f", f="old\n") == "0\n"


def test_what_breaks_off_leaves_the_old_content_and_says_so() -> None:
    shell = Shell({"f": "old\n"})

    async def broken(*args: object) -> int:
        raise ZeroDivisionError

    from commands.command import Arguments, Command

    class Commands:
        def find(self, name: str) -> object:
            return Command(name, "", Arguments, broken)

        def nearest(self, name: str) -> None:
            return None

    shell.session.services.commands = Commands()  # type: ignore[misc, assignment]
    done = shell("anything > f")
    assert done.status == 70
    assert done.err.splitlines()[-1] == "spatio: /f: the old content stays, since the command did not finish"
    assert "Traceback" not in done.err
    assert shell.read("f") == "old\n"


def test_a_sink_that_was_abandoned_leaves_the_old_content() -> None:
    shell = Shell({"f": "old\n"})

    async def failing(ctx: object, args: object, io: object) -> int:
        await io.stdout.line("half")  # type: ignore[attr-defined]
        io.stdout.abandon()  # type: ignore[attr-defined]
        return 1

    from commands.command import Arguments, Command

    class Commands:
        def find(self, name: str) -> object:
            return Command(name, "", Arguments, failing)

    shell.session.services.commands = Commands()  # type: ignore[misc, assignment]
    assert shell("x > f; x > g").status == 1
    assert shell.read("f") == "old\n"
    assert "not created" in shell("x > g").err


def test_what_took_long_is_announced_once_it_stands() -> None:
    shell = Shell()

    async def slow(ctx: object, args: object, io: object) -> int:
        io.stdout.announce = True  # type: ignore[attr-defined]
        await io.stdout.write(b"x" * 2300)  # type: ignore[attr-defined]
        return 0

    from commands.command import Arguments, Command

    class Commands:
        def find(self, name: str) -> object:
            return Command(name, "", Arguments, slow)

    shell.session.services.commands = Commands()  # type: ignore[misc, assignment]
    assert shell("x > f").err == "Created /f (2.3KB)\n" or "Created /f (2" in shell("x > f").err


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        ("echo x > d", "/d: is a directory"),
        ("echo x > no/f", "/no/f: no such file or directory"),
        ("echo x > f/g", "/f/g: not a directory"),
        ("cat < none", "/none: no such file or directory"),
        ("cat < d", "/d: is a directory"),
        ("set -C; echo x > f", "/f: cannot overwrite existing file"),
        ("echo x >&9", "9: bad file descriptor"),
        ("echo x > ''", "/: is a directory"),
        ("echo x > {a,b}", "a redirect needs one name, but is given 2"),
        ("echo x > $none", "a redirect needs one name, but is given 0"),
    ],
)
def test_a_redirect_that_cannot_be_opened_keeps_its_command_from_running(script: str, reason: str) -> None:
    done = run(f"mkdir d; {script}; echo $?; cat f", f="old\n")
    assert done.out == "1\nold\n"
    assert reason in done.err


def test_a_large_output_goes_through_a_file_not_through_memory() -> None:
    assert out("seq 2000000 > f; wc -l < f; tail -n 1 f") == "2000000\n2000000\n"


def test_a_job_that_still_writes_is_waited_for() -> None:
    assert out("{ { sleep 0.05; echo late; } & echo early; } > f; cat f") == "early\nlate\n"
