"""Skips are part of the contract: under CI, one whose reason is not known here fails the run."""

from __future__ import annotations

import os
import re
import signal
import time

import pytest
from hypothesis import HealthCheck, settings

from tests.engines import on_engine, pytest_generate_tests
from tests.servers.postgres import database, empty_database, lone_server, pytest_runtest_logfinish

# Transcripts show times of day, as people read them: the same on every machine.
os.environ["TZ"] = "UTC"
time.tzset()

# A machine that is busy refuses no example for its slowness. The same ones come each time, and with
# SPATIO_FULL others.
settings.register_profile(
    "spatio",
    deadline=None,
    derandomize=not os.environ.get("SPATIO_FULL"),
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("spatio")

__all__ = [
    "database",
    "empty_database",
    "lone_server",
    "on_engine",
    "pytest_generate_tests",
    "pytest_runtest_logfinish",
]

KNOWN = [
    r"the provider has no Cap\.[A-Z_]+",
    r"the provider does not take any content",
    r"root may read everything",
    r"only root may make a small disk",
    r"no small disk can be mounted here",
    r"the mails of [a-z-]+ could not be fetched",
    r"[a-z]+ opens an editor",
    r"[a-z]+ needs a person",
    r"[a-z]+ writes to the host's own folders",
]
"""What may be skipped with every part installed: what a provider lacks, deeds of a person, a network."""

_KNOWN = re.compile("|".join(f"(?:Skipped: )?{reason}" for reason in KNOWN))


class Skips:
    """Collects the reasons of skipped tests and judges them at the end."""

    def __init__(self) -> None:
        self.unknown: list[str] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.skipped and isinstance(report.longrepr, tuple) and not hasattr(report, "wasxfail"):
            reason = report.longrepr[2]
            if not _KNOWN.fullmatch(reason):
                self.unknown.append(f"{report.nodeid}: {reason}")

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if self.unknown and os.environ.get("CI") and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        for line in self.unknown:
            terminalreporter.write_line(f"skipped for a reason that is not known: {line}")


def pytest_configure(config: pytest.Config) -> None:
    for name in ("SPATIO_DATABASE_URL", "SPATIO_OBJECTS"):
        # Tests work on stores of their own, whatever whoever runs them works on.
        os.environ.pop(name, None)
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        # So a shell starts what runs in the background, and all programs of the tests inherit it.
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(Skips())
