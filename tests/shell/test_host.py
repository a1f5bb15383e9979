from __future__ import annotations

import asyncio

from commands.stream import Collected, Io, Nothing
from tests.shell.shells import Shell


def test_a_stage_may_run_on_the_host() -> None:
    shell = Shell(host=True)
    assert shell("echo hello | !tr a-z A-Z | cat -n").out.split() == ["1", "HELLO"]
    assert shell("!exit 4; echo $?").out == ""
    assert shell("!exit 4").status == 4


def test_a_line_for_the_host_ends_at_a_pipe_only() -> None:
    assert Shell(host=True)("!echo a && echo b; echo 'c|d' | sort -r").out == "c|d\nb\na\n"


def test_a_reader_that_leaves_ends_the_host_command() -> None:
    for _ in range(30):
        assert Shell(host=True)("!yes | head -n 1").out == "y\n"


def test_a_host_command_whose_output_nobody_reads_ends_when_its_line_is_cancelled() -> None:
    shell = Shell(host=True)

    async def cancelled() -> None:
        running = asyncio.ensure_future(
            shell.session.run("!yes | sleep 100", Io(Nothing(), Collected(), Collected()))
        )
        await asyncio.sleep(0.3)
        running.cancel()
        await asyncio.wait({running}, timeout=20)
        assert running.cancelled()

    asyncio.run(cancelled())


def test_a_script_may_not_use_the_host_s_shell() -> None:
    done = Shell()("!echo x > f; echo $?")
    assert (done.status, done.out) == (126, "")
    assert "host commands are off here" in done.err


def test_an_agent_may_never() -> None:
    shell = Shell(host=True)
    fork = shell.session.fork(actor="agent:x/1")
    assert not fork.host


def test_negation_needs_a_space() -> None:
    assert Shell()("! false; echo $?").out == "0\n"
