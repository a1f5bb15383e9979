"""An agent's run beside the bare call of the same endpoint: what the run itself adds.

The endpoint is the scripted server of the tests, on this machine. Both are whole processes and load
the same client library; start-up is taken off each, `spatio true` here and `python -c pass` there.
"""

from __future__ import annotations

import json
import pathlib
import statistics
import subprocess
import tempfile

from benchmarks.bench import PROGRAMS, Bench
from benchmarks.installed import clean_environment
from benchmarks.measure import run
from tests.agents.server import Server, Text, serving

PAIRS = 9
GOAL_MS = 60
GOAL_TOKENS = 1000
WAYS: tuple[tuple[str, ...], ...] = ((), ("spared",))
"""The bare call as one writes it, and one that is spared what Spatio spares itself."""


def agent(bench: Bench) -> None:
    """Milliseconds beyond the bare call and both start-ups, and the tokens that every run costs."""
    with tempfile.TemporaryDirectory() as folder, serving(Text("A short answer.")) as server:
        home = pathlib.Path(folder)
        env = clean_environment(home / "home") | {
            "OPENAI_BASE_URL": server.url,
            "OPENAI_API_KEY": "k",
            "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
        }
        (home / "note.md").write_text("We meet on Friday at ten.\n")
        line = "echo 'We meet on Friday at ten.' > /notes/a.md"
        subprocess.run([bench.spatio, "-c", line], env=env, check=True)
        commands = (
            [bench.spatio, "agent", "run", "summarizer", "/notes/a.md"],
            [bench.spatio, "true"],
            [bench.python, "-c", "pass"],
            *([bench.python, str(PROGRAMS / "agent_bare.py"), str(home / "note.md"), *way] for way in WAYS),
        )
        for command in commands:
            run(command, env=env)
        rounds = [[run(command, env=env).wall * 1000 for command in commands] for _ in range(PAIRS)]
        _report(rounds, server)


def _report(rounds: list[list[float]], server: Server) -> None:
    ours, start, python, *peers = (statistics.median(column) for column in zip(*rounds, strict=True))
    for at, way in enumerate(WAYS):
        extra = statistics.median(row[0] - row[1] - (row[3 + at] - row[2]) for row in rounds)
        mark = "ok  " if extra <= GOAL_MS else "MISS"
        name = f"a run beyond the bare call{''.join(f', {word}' for word in way)}"
        print(
            f"{mark} {name:<64} {extra:6.0f} ms  ({ours:.0f} - {start:.0f} ms beside"
            f" {peers[at]:.0f} - {python:.0f} ms)  goal {GOAL_MS} ms"
        )
    request = next(request for request in server.requests if request["messages"][0]["role"] == "system")
    fixed = len(json.dumps(request["messages"])) // 4
    mark = "ok  " if fixed <= GOAL_TOKENS else "MISS"
    print(f"{mark} fixed tokens of the shipped summarizer: about {fixed}, goal {GOAL_TOKENS}")
