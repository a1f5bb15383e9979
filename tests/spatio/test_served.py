"""The whole program on PostgreSQL and a bucket, from outside: every surface, and no secret in any of them."""

from __future__ import annotations

import json
import pathlib
import subprocess
import time
from collections.abc import Iterator, Mapping
from typing import NamedTuple

import pytest

from tests.servers.postgres import PASSWORD, Database
from tests.servers.s3 import ACCESS, SECRET, S3Service, bucket, s3_service
from tests.spatio.pty import SPATIO, Person
from tests.workspaces import outside_env

__all__ = ["bucket", "s3_service"]

ROOT = pathlib.Path(__file__).parents[2]
LARGE = "x" * 200_000


class Served(NamedTuple):
    """A workspace on servers, and what a program must be told to use it."""

    home: pathlib.Path
    store: str
    objects: str
    service: S3Service
    env: Mapping[str, str]

    def run(self, *words: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        command = [*SPATIO, "--store", self.store, "--objects", self.objects, *words]
        done = subprocess.run(
            command,
            env=dict(self.env),
            cwd=ROOT,
            input=stdin,
            capture_output=True,
            text=True,
            timeout=90,
            check=False,
        )
        assert "Traceback" not in done.stderr
        assert "bug in Spatio" not in done.stderr
        return done

    def keys(self) -> list[str]:
        """The names of the objects that are in the bucket."""
        name = self.objects.partition("://")[2].partition("/")[0]
        found = self.service.client().list_objects_v2(Bucket=name)
        return [entry["Key"] for entry in found.get("Contents", []) if "/objects/" in entry["Key"]]


@pytest.fixture
def served(tmp_path: pathlib.Path, database: Database, s3_service: S3Service, bucket: str) -> Served:
    home = tmp_path / "home"
    env = {
        **outside_env(home),
        "AWS_ACCESS_KEY_ID": ACCESS,
        "AWS_SECRET_ACCESS_KEY": SECRET,
        "PGPASSFILE": "/nowhere",
    }
    objects = f"s3://{bucket}/in here?endpoint={s3_service.endpoint}&region=us-east-1"
    made = Served(home, database.program, objects, s3_service, env)
    assert made.run("init").returncode == 0
    return made


def test_one_shot_commands_work_as_ever(served: Served) -> None:
    assert (
        served.run("-c", "echo 'an invoice for Claire' > /notes/a.md; task add 'pay Claire'").returncode == 0
    )
    assert served.run("cat", "/notes/a.md").stdout == "an invoice for Claire\n"
    assert served.run("ls", "/notes", "/tasks").returncode == 0
    assert "/notes/a.md" in served.run("search", "invoice").stdout
    assert served.run("grep", "-r", "Claire", "/notes").stdout.startswith("/notes/a.md:")
    assert served.run(stdin="cd /notes\nls\nmv a.md b.md\nls\n").stdout == "a.md\nb.md\n"
    assert served.run("undo").returncode == 0
    assert served.run("ls", "/notes").stdout == "a.md\n"
    assert served.run("audit", "verify").returncode == 0
    assert served.run("index", "check").returncode == 0


def test_large_contents_go_to_the_bucket_and_come_back(served: Served) -> None:
    assert served.run("-c", "cat > /files/large", stdin=LARGE).returncode == 0
    (key,) = served.keys()
    assert key.startswith("in here/me/objects/")
    assert served.run("cat", "/files/large").stdout == LARGE
    assert served.run("-c", "cat > /files/small", stdin="small").returncode == 0
    assert len(served.keys()) == 1
    assert served.run("-c", "rm /files/large; undo; cat /files/large | wc -c").stdout.split()[-1] == "200000"


def test_an_agent_works_on_it(served: Served) -> None:
    served.run(
        "-c",
        "cat > /notes/a.md",
        stdin="The harbour was closed. Nora pays the invoice of 300 EUR on Friday.\n",
    )
    done = served.run("-c", "agent run summarizer /notes/* > /notes/summary.md; cat /notes/summary.md")
    assert done.returncode == 0, done.stderr
    assert "invoice" in done.stdout
    assert served.run("-c", "ls /agents/runs | wc -l").stdout.strip() == "1"


def test_the_prompt_works_on_it(served: Served) -> None:
    person = Person(
        [*SPATIO], env={**served.env, "SPATIO_DATABASE_URL": served.store, "SPATIO_OBJECTS": served.objects}
    )
    try:
        person.sees(r"^> $|^>$")
        person.says("echo typed > /notes/b.md; cat /notes/b.md")
        person.sees(r"^typed")
        person.says("echo $SPATIO_DATABASE_URL-; cat /sys/store")
        person.sees("engine")
        person.types("\x04")
        assert person.leaves() == 0
    finally:
        person.gone()
    assert PASSWORD.encode() not in person.raw
    assert served.run("cat", "/notes/b.md").stdout == "typed\n"


def test_the_doctor_finds_it_well(served: Served) -> None:
    served.run("-c", "cat > /files/large", stdin=LARGE)
    done = served.run("doctor")
    states = {
        line.split()[1]: line.split()[0] for line in done.stdout.splitlines() if not line.startswith(" ")
    }
    assert done.returncode == 0, done.stdout
    for subject in (
        "server",
        "notices",
        "schema",
        "login",
        "row",
        "bucket",
        "workspace",
        "log",
        "index",
        "objects",
    ):
        assert states[subject] == "ok", done.stdout
    assert len(served.keys()) == 1


def test_the_demo_fills_it_once(served: Served) -> None:
    first = served.run("demo", "--today", "2026-11-20", "-c", "ls /notes | wc -l")
    assert first.returncode == 0, first.stderr
    assert int(first.stdout) > 5
    words = ("demo", "--store", served.store, "--objects", served.objects, "--today", "2026-11-20")
    again = served.run(*words, "-c", "ls /notes | wc -l")
    assert again.stdout == first.stdout
    assert "nothing was added" in again.stderr
    assert served.run("-c", "ls /notes | wc -l").stdout == first.stdout
    assert served.run("audit", "verify").returncode == 0


def test_the_demo_leaves_the_store_of_the_environment_alone(served: Served) -> None:
    env = {**served.env, "SPATIO_DATABASE_URL": served.store, "SPATIO_OBJECTS": served.objects}
    done = subprocess.run(
        [*SPATIO, "demo", "-c", "echo mine > /notes/zz.md; ls /notes | wc -l"],
        env=env, cwd=ROOT, capture_output=True, text=True, timeout=90, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 5
    assert served.run("ls", "/notes").stdout == ""


# -- secrets


def everything_below(folder: pathlib.Path) -> Iterator[tuple[pathlib.Path, bytes]]:
    for path in folder.rglob("*"):
        if path.is_file():
            yield path, path.read_bytes()


def test_no_password_or_key_is_seen_anywhere(served: Served) -> None:
    hidden = (PASSWORD, ACCESS, SECRET)
    served.run("-c", "cat > /files/large", stdin=LARGE)
    (served.home / "config.toml").write_text("[shell]\nhost_commands = true\n")
    lines = (
        "config", "status", "mounts", "cat /sys/store /sys/mounts /sys/events /sys/jobs", "export", "set",
        "history", "jobs", "agent runs", "echo $SPATIO_DATABASE_URL $SPATIO_OBJECTS $PGPASSWORD", "whoami",
        "cat /notes/none", "mount /x postgres://x", "help ls", "audit verify", "index check",
        "!ps -ww -o args= -p $PPID",
    )  # fmt: skip
    runs = [served.run("-c", "\n".join(lines)), served.run("doctor"), served.run("--debug", "ls", "/none")]
    for address in (served.store.replace("/test", "/none"), served.store.replace(PASSWORD, f"{PASSWORD}r")):
        runs.append(served._replace(store=address).run("--debug", "ls", "/notes"))
        assert runs[-1].returncode != 0
    told = "".join(done.stdout + done.stderr for done in runs)
    assert "postgresql://program@127.0.0.1" in told
    for secret in hidden:
        assert secret not in told
        assert [path for path, data in everything_below(served.home) if secret.encode() in data] == []


def test_a_running_program_shows_no_password_in_the_list_of_processes(served: Served) -> None:
    process = subprocess.Popen(
        [*SPATIO, "--store", served.store, "--objects", served.objects, "-c", "ls /notes; sleep 30"],
        env=dict(served.env), cwd=ROOT, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        shown = pathlib.Path(f"/proc/{process.pid}/cmdline")
        end = time.monotonic() + 30
        while "*****" not in shown.read_text() and time.monotonic() < end:
            time.sleep(0.05)
        assert PASSWORD not in shown.read_text()
    finally:
        process.kill()
        process.communicate()


def test_the_log_of_events_names_no_store(served: Served) -> None:
    served.run("-c", f"echo {served.store} > /dev/null; echo x > /notes/a.md")
    events = served.run("cat", "/sys/events").stdout
    assert PASSWORD not in events
    assert any(json.loads(line)["op"] for line in events.splitlines())
