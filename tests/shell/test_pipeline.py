from __future__ import annotations

import pytest

from tests.shell.shells import Shell, out, run


def test_a_reader_that_leaves_stops_its_producer() -> None:
    assert (
        out("yes | head -n 2; while true; do echo x; done | head -n 1; seq 1000000000 | head -n 1")
        == "y\ny\nx\n1\n"
    )


def test_output_comes_before_the_input_has_ended() -> None:
    assert out("{ echo a; while true; do sleep 0.01; echo b; done; } | head -n 3") == "a\nb\nb\n"


def test_the_status_is_the_last_stage_s() -> None:
    assert out("false | true; echo $?; true | false; echo $?; exit 3 | true; echo $?") == "0\n1\n0\n"


def test_a_writer_whose_reader_left_has_not_failed() -> None:
    assert out("set -o pipefail; yes | head -n 1; echo $?") == "y\n0\n"


def test_each_stage_is_a_shell_of_its_own() -> None:
    assert out("x=1; echo 2 | read x; echo $x; cd / | true; x=3 | true; echo $x") == "1\n1\n"


def test_errors_go_down_the_pipe_where_that_is_said() -> None:
    assert out("ls none |& wc -l; ls none 2>&1 | wc -l") == "1\n1\n"


def test_a_stage_reads_what_is_left() -> None:
    assert out("seq 4 | { read a; echo $a; cat; }") == "1\n2\n3\n4\n"
    assert out("seq 4 | while read a; do read b; echo $a$b; done") == "12\n34\n"


@pytest.mark.parametrize("line", ["seq 200000 | cat | cat | tail -n 1", "seq 200000 | sort -n | tail -n 1"])
def test_large_streams_pass(line: str) -> None:
    assert out(line) == "200000\n"


def test_a_stage_that_cannot_start_does_not_hold_up_the_others() -> None:
    done = run("seq 3 | nosuch_q | wc -l; echo $?")
    assert done.out == "0\n0\n"


# -- jobs


def test_a_job_runs_beside_the_shell() -> None:
    assert out("{ sleep 0.05; echo job; } & echo shell; wait") == "shell\njob\n"


def test_the_status_of_a_job_is_kept() -> None:
    assert out("(exit 3) & wait $!; echo $?; false & wait %1; echo $?; wait 4242; echo $?") == "3\n1\n127\n"


def test_the_end_of_a_script_waits_for_its_jobs() -> None:
    assert out("{ sleep 0.05; echo late; } & echo early") == "early\nlate\n"


def test_jobs_are_listed_and_killed() -> None:
    done = run("sleep 50 & jobs; kill %1; wait %1; echo $?; jobs")
    assert done.out == "[1]+  Running                 sleep 50 &\n143\n"
    assert run("kill %7").status == 1
    assert run("fg").err == "fg: %%: no such job\n  run: jobs\n"


def test_a_job_has_a_shell_of_its_own() -> None:
    assert out("x=1; { x=2; cd /; } & wait; echo $x") == "1\n"


def test_closing_a_session_ends_its_jobs() -> None:
    from commands.stream import Collected, Io, Nothing
    from vfs.drive import drive

    shell = Shell()

    async def use() -> int:
        io = Io(Nothing(), Collected(), Collected())
        await shell.session.run("sleep 50 &", io, last=False)
        await shell.session.aclose()
        return len(shell.session.jobs.all)

    assert drive(use()) == 0
