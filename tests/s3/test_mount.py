"""A bucket in the tree: what a person does with it, line by line."""

from __future__ import annotations

import json
import pathlib
import re
import urllib.error
import urllib.request
from typing import Any, ClassVar

import keyring
import keyring.backend
import pytest

from providers.s3.client import Facts
from providers.s3.moving import Moving
from providers.s3.naming import names_of
from tests.servers.s3 import ACCESS, SECRET, S3Service
from tests.servers.stub import Kept, Stub, etag_of
from tests.workspaces import Answer, run_in
from vfs.path import Path


class Place:
    """A workspace whose `/b` is a part of a bucket."""

    def __init__(self, home: pathlib.Path, endpoint: str, bucket: str, prefix: str = "/part") -> None:
        self.home = home
        self.bucket = bucket
        done = self.run(f"mount /b 's3://{bucket}{prefix}' endpoint={endpoint}")
        assert (done.status, done.err) == (0, "Mounted s3 at /b\n")

    def run(self, *lines: str, stdin: bytes = b"") -> Answer:
        return run_in(self.home, *lines, stdin=stdin)

    def out(self, *lines: str) -> str:
        answer = self.run(*lines)
        assert (answer.status, answer.err) == (0, ""), answer
        return answer.out


@pytest.fixture(autouse=True)
def _keys(no_keys_about: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", ACCESS)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)


@pytest.fixture
def place(tmp_path: pathlib.Path, s3_service: S3Service, bucket: str) -> Place:
    """On a real service."""
    return Place(tmp_path / "home", s3_service.endpoint, bucket)


@pytest.fixture
def stubbed(tmp_path: pathlib.Path, stub: Stub) -> Place:
    """On a service that counts requests, and fails when it is told to."""
    return Place(tmp_path / "home", stub.endpoint, "bucket", "")


def put(stub: Stub, *keys: str, data: bytes = b"x") -> None:
    for key in keys:
        stub.objects[key] = Kept(data, etag=etag_of(data))


def test_a_bucket_is_mounted_by_its_address_and_kept_without_any_secret(place: Place) -> None:
    config = (place.home / "config.toml").read_text()
    assert f'[mounts."/b"]\nprovider = "s3"\nurl = "s3://{place.bucket}/part"' in config
    assert SECRET not in config
    assert ACCESS not in config
    listed = place.out("mounts")
    assert "/b\ts3\tread and write\town\tendpoint=http://127.0.0.1" in listed
    assert SECRET not in listed
    assert SECRET not in place.out("cat /sys/mounts")


def test_mounting_asks_nobody(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    gone = Place(tmp_path / "home", "http://127.0.0.1:1", "bucket")
    assert "b" in gone.out("ls /").split()
    assert gone.run("umount /b").status == 0


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("mount /c s3://", "an address is s3://BUCKET/PREFIX, and this names no bucket"),
        ("mount /c s3://ada:pw@bucket", "keys do not belong in an address"),
        ("mount /c 's3://bucket?secret=pw'", "keys do not belong in an address"),
        ("mount /c s3://bucket secret=pw", "provider s3 has no option secret"),
        ("mount /c s3", "provider s3 needs the option url"),
        ("mount /c gs://bucket", "there is no provider gs"),
        ("mount /c s3://bucket endpoint=nowhere", "an endpoint is https://HOST"),
    ],
)
def test_an_address_that_cannot_be_used_is_told_and_not_kept(
    tmp_path: pathlib.Path, line: str, told: str
) -> None:
    answer = run_in(tmp_path / "home", line)
    assert answer.status == 1
    assert told in answer.err
    assert "pw" not in answer.err
    assert not (tmp_path / "home" / "config.toml").exists()


def test_a_folder_of_the_host_is_mounted_by_its_path(tmp_path: pathlib.Path) -> None:
    folder = tmp_path / "pictures"
    folder.mkdir()
    (folder / "a.txt").write_text("a picture")
    answer = run_in(tmp_path / "home", f"mount -r /p {folder}", "cat /p/a.txt", "echo x > /p/b")
    assert answer.out == "a picture"
    assert answer.err.splitlines()[0] == "Mounted local at /p"
    assert "read-only" in answer.err


def test_files_are_written_added_to_and_read(place: Place) -> None:
    place.out("mkdir /b/notes", "echo one > /b/notes/a.txt", "echo two >> /b/notes/a.txt")
    assert (
        place.out("cat /b/notes/a.txt", "tail -c 4 /b/notes/a.txt", "wc -c < /b/notes/a.txt")
        == "one\ntwo\ntwo\n8\n"
    )
    assert place.out("ls /b", "ls /b/notes", "find /b -type f") == "notes\na.txt\n/b/notes/a.txt\n"


def test_a_change_is_taken_back_and_done_again(place: Place) -> None:
    place.out("mkdir /b/d", "echo one > /b/d/a", "echo two > /b/d/a")
    assert place.run("undo").err == "Undone: echo two > /b/d/a (1 entry)\n"
    assert place.out("cat /b/d/a") == "one\n"
    place.run("undo")
    assert place.out("ls /b/d") == ""
    place.run("redo")
    place.run("redo")
    assert place.out("cat /b/d/a") == "two\n"
    place.out("mv /b/d /b/e", "rm -r /b/e")
    assert place.out("ls /b") == ""
    place.run("undo")
    place.run("undo")
    assert place.out("cat /b/d/a") == "two\n"


def test_what_somebody_else_has_changed_since_is_not_taken_back(place: Place, s3_service: S3Service) -> None:
    place.out("echo mine > /b/a")
    s3_service.client().put_object(Bucket=place.bucket, Key="part/a", Body=b"theirs")
    answer = place.run("undo")
    assert "was changed since" in answer.err
    assert place.out("cat /b/a") == "theirs"


def test_folders_are_copied_between_a_bucket_and_the_workspace(place: Place) -> None:
    place.out("mkdir -p /files/in/deep", "echo x > /files/in/a.txt", "echo y > /files/in/deep/b.txt")
    place.out("mkdir /files/in/empty")
    for line in (
        "cp -r /files/in /b/in",
        "cp -r /b/in /b/again",
        "cp -r /b/again /files/out",
        "cp -r /b/in /tmp/out",
    ):
        place.out(line)
    assert (
        place.out("diff -r /files/in /files/out", "diff -r /files/in /tmp/out", "diff -r /b/in /b/again")
        == ""
    )
    assert place.out("ls -F /files/out") == "a.txt\ndeep/\nempty/\n"


def test_searching_measuring_and_drawing_work(place: Place) -> None:
    place.out("mkdir /b/x", "echo 'an invoice' > /b/x/a.txt", "echo nothing > /b/b.txt")
    assert place.out("grep -r invoice /b") == "/b/x/a.txt:an invoice\n"
    assert place.run("search invoice in /b").out.startswith("/b/x/a.txt: an invoice")
    assert place.out("du -s /b") != ""
    assert "1 directory, 2 files" in place.out("tree /b")
    assert place.out("ls /b/*.txt") == "/b/b.txt\n"


def test_a_search_from_above_leaves_a_bucket_out(stubbed: Place, stub: Stub) -> None:
    put(stub, "a.txt", data=b"an invoice")
    stubbed.run("search invoice")
    assert stub.seen == []
    assert stubbed.run("search invoice in /b").out.startswith("/b/a.txt")


def test_a_folder_that_only_its_keys_imply_outlives_them(stubbed: Place, stub: Stub) -> None:
    put(stub, "in/one", "in/two/x")
    stubbed.out("rm /b/in/one", "rm -r /b/in/two")
    assert stubbed.out("ls /b", "ls /b/in") == "in\n"
    assert list(stub.objects) == ["in/"]
    put(stub, "d/x")
    stubbed.out("mv /b/d/x /b/y")
    assert stubbed.out("ls -F /b") == "d/\nin/\ny\n"


def test_many_files_go_up_and_down_at_once(stubbed: Place, stub: Stub) -> None:
    put(stub, *[f"r/{at:04}" for at in range(60)])
    stub.fail("slow", times=1_000_000, seconds=0.01)
    for line, asked, most in (
        ("cp -r /b/r /files/r", "GET", 70),
        ("cp -r /files/r /b/up", "PUT", 61),
        ("cp -r /b/up /b/two", "PUT", 61),
        ("cp /b/r/* /files", "GET", 700),
        ("mkdir /b/three; mv /b/two/* /b/three", "PUT", 62),
        ("rm /b/three/*", "POST", 61),
        ("rm -r /b/up", "POST", 2),
    ):
        stub.seen.clear()
        stub.most_busy = 0
        stubbed.out(line)
        assert stub.most_busy >= 8, line
        assert stub.count(asked, "/r/" if asked == "GET" else "") <= most, line
    left = [key for key in stub.objects if not key.startswith("r/")]
    assert left == ["two/", "three/"]


def test_what_was_done_to_many_files_is_taken_back_at_once(stubbed: Place, stub: Stub) -> None:
    put(stub, "d/", *[f"d/{at:02}" for at in range(40)], "d/in/x", data=b"old")
    before = {key: kept.data for key, kept in stub.objects.items()}
    stub.fail("slow", times=1_000_000, seconds=0.01)
    stubbed.out("rm -r /b/d")
    assert not stub.objects
    stub.most_busy = 0
    assert stubbed.run("undo").status == 0
    assert stub.most_busy >= 8
    stub.objects.pop("d/in/", None)
    assert {key: kept.data for key, kept in stub.objects.items()} == before
    assert stubbed.run("redo").status == 0
    assert not stub.objects


HOSTILE = (
    "a", "a/x", "a-b", "a.txt", "b//c", "b//", "/lead", "d/", "./f", "../g", "h\x01i", "j\x7fk", "l\u202em",
    "new\nline", "n" * 600, "o/./p", "o/../q", "..", ".", " sp", "t ", "%41", "%", "u+v", "w\\x", "é", "🙂",
    "日本", "x" * 300 + "/y", "q/", "q", "q/r/", "-rf", "*", "$(id)", "'", '"', "␛", "␛file", "a␛file", "~",
)  # fmt: skip


def test_every_key_is_reached_by_a_path_whatever_it_is(stubbed: Place, stub: Stub) -> None:
    for key in HOSTILE:
        put(stub, key, data=key.encode())
    found = [Path.parse(line) for line in stubbed.out("find /b -type f").splitlines()]
    assert len(found) == len(set(found)) == len(HOSTILE)
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", "".join(map(str, found)))
    paths = []
    for key in HOSTILE:
        names = names_of(key)
        beside = any(other.startswith(f"{key}/") for other in HOSTILE)
        paths.append(Path(("b", *names[:-1], names[-1] + "␛file" * beside)))
    assert set(paths) == set(found)
    assert stubbed.out(f"cat {' '.join(map(quoted, paths))}") == "".join(HOSTILE)


def test_every_key_is_copied_changed_and_removed_by_its_path(stubbed: Place, stub: Stub) -> None:
    put(stub, *HOSTILE)
    stubbed.out("cp -r /b /files/all")
    assert stubbed.out("find /files/all -type f | wc -l").strip() == str(len(HOSTILE))
    paths = [quoted(Path.parse(line)) for line in stubbed.out("find /b -type f").splitlines()]
    stubbed.out(f"echo changed | tee {' '.join(paths)} > /dev/null")
    assert set(stub.objects) == set(HOSTILE)
    assert {kept.data for kept in stub.objects.values()} == {b"changed\n"}
    stubbed.out("rm -r /b/*")
    assert not stub.objects


def quoted(path: Path) -> str:
    return "'" + str(path).replace("'", "'\\''") + "'"


def test_a_read_only_mount_is_not_changed(tmp_path: pathlib.Path, stub: Stub) -> None:
    put(stub, "a")
    home = tmp_path / "home"
    run_in(home, f"mount --read-only /b s3://bucket endpoint={stub.endpoint}")
    for line in ("echo x > /b/a", "rm /b/a", "mkdir /b/c", "mv /b/a /b/z", "cp /b/a /b/c"):
        answer = run_in(home, line)
        assert answer.status == 1
        assert "read-only" in answer.err
    assert run_in(home, "cat /b/a").out == "x"
    assert list(stub.objects) == ["a"]


def test_a_bucket_that_is_not_there_is_told_whatever_is_asked(place: Place, s3_service: S3Service) -> None:
    place.out("echo x > /b/a")
    client = s3_service.client()
    client.delete_object(Bucket=place.bucket, Key="part/a")
    client.delete_bucket(Bucket=place.bucket)
    for line in ("ls /b", "cat /b/a", "find /b", "echo x > /b/a", "grep -r x /b", "rm /b/a"):
        answer = place.run(line)
        assert answer.status != 0, line
        assert "no such bucket" in answer.err, (line, answer.err)
        assert len(answer.err.splitlines()) == 2


def test_wrong_keys_are_told_with_the_next_step(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wrong-secret-value")
    answer = place.run("ls /b")
    assert answer.status == 77
    assert answer.err.splitlines()[0] == "ls: /b: the service does not accept the keys"
    assert "AWS_ACCESS_KEY_ID" in answer.err
    assert "wrong-secret-value" not in answer.err
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    answer = place.run("cat /b/a")
    assert answer.status == 77
    assert "no keys for this bucket" in answer.err


class Ring(keyring.backend.KeyringBackend):
    """A keyring that holds one bucket's keys."""

    priority = 5  # type: ignore[assignment]
    kept: ClassVar[dict[str, str]] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get(username)

    def set_password(self, service: str, username: str, password: str) -> None:
        raise NotImplementedError

    def delete_password(self, service: str, username: str) -> None:
        raise NotImplementedError


keyring.backend.KeyringBackend._classes.discard(Ring)  # type: ignore[attr-defined]


def test_keys_are_found_in_the_keyring(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    place.out("echo x > /b/a")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    ring = Ring()
    monkeypatch.setitem(ring.kept, f"s3:{place.bucket}", f"{ACCESS}:{SECRET}")
    before = keyring.get_keyring()
    keyring.set_keyring(ring)
    try:
        assert place.out("cat /b/a") == "x\n"
    finally:
        keyring.set_keyring(before)


def test_keys_that_may_only_read_say_so_when_they_are_to_write(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.out("echo x > /b/a")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "readkey")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "readsecret")
    assert place.out("cat /b/a") == "x\n"
    answer = place.run("echo y > /b/a")
    assert answer.status == 126
    assert "/b/a: the keys are not allowed to do this" in answer.err


def test_a_service_that_cannot_be_reached_is_told_in_one_line(tmp_path: pathlib.Path) -> None:
    gone = Place(tmp_path / "home", "http://127.0.0.1:1", "bucket")
    answer = gone.run("ls /b")
    assert answer.status == 75
    assert answer.err == "ls: /b: the service cannot be reached\n  check the network and the endpoint\n"


def test_a_service_that_knows_no_conditions_is_compared_with_before_a_write(
    stubbed: Place, stub: Stub
) -> None:
    stub.conditions = False
    stubbed.out("echo one > /b/a", "echo two >> /b/a")
    assert stub.objects["a"].data == b"one\ntwo\n"
    put(stub, "a", data=b"theirs")
    assert "was changed since" in stubbed.run("undo").err
    assert stub.objects["a"].data == b"theirs"


def test_a_service_that_fails_for_a_moment_is_asked_again(stubbed: Place, stub: Stub) -> None:
    put(stub, "a", "b")
    stub.fail("answer", times=2)
    assert stubbed.out("ls /b") == "a\nb\n"
    stub.fail("answer", times=1, method="PUT")
    stubbed.out("echo new > /b/c")
    assert stub.objects["c"].data == b"new\n"


def test_a_service_that_goes_on_failing_is_told_in_one_line(stubbed: Place, stub: Stub) -> None:
    put(stub, "a")
    stub.fail("answer", times=1000)
    answer = stubbed.run("cat /b/a")
    assert answer.status == 75
    assert answer.err == "cat: /b/a: the service is busy or failing\n  try again later\n"


def test_a_write_that_fails_leaves_what_was_there(stubbed: Place, stub: Stub) -> None:
    put(stub, "a", data=b"old")
    stub.fail("answer", times=1000, method="PUT")
    answer = stubbed.run("echo new > /b/a", "cat /b/a")
    assert stub.objects["a"].data == b"old"
    assert "/b/a: the service is busy or failing" in answer.err


def test_a_folder_that_cannot_be_copied_whole_stays_where_it_is(stubbed: Place, stub: Stub) -> None:
    put(stub, *[f"d/{at}" for at in range(20)])
    stub.fail("answer", times=1000, method="PUT", about="/e/13", status=403, code="AccessDenied")
    answer = stubbed.run("mv /b/d /b/e")
    assert answer.status != 0
    assert "the keys are not allowed to do this" in answer.err
    assert sorted(key for key in stub.objects if key.startswith("d/")) == sorted(
        f"d/{at}" for at in range(20)
    )
    assert not [key for key in stub.objects if key.startswith("e/")]


def test_what_is_written_into_a_folder_while_it_is_moved_is_not_lost(
    stubbed: Place, stub: Stub, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(stub, *[f"d/{at}" for at in range(5)])
    copy_one = Moving._copy_one

    async def while_another_writes(moving: Moving, facts: Facts, key: str) -> None:
        await copy_one(moving, facts, key)
        if key == "e/3":
            put(stub, "d/3", "d/new", data=b"newer")

    monkeypatch.setattr(Moving, "_copy_one", while_another_writes)
    answer = stubbed.run("mv /b/d /b/e")
    assert (answer.status, "changed while it was copied; both are left" in answer.err) == (1, True)
    assert (stub.objects["d/3"].data, stub.objects["d/new"].data) == (b"newer", b"newer")
    assert stub.objects["e/3"].data == b"x"


def test_what_is_listed_first_comes_before_all_is_read(stubbed: Place, stub: Stub) -> None:
    stub.page = 100
    put(stub, *[f"{at:05}" for at in range(5000)])
    assert stubbed.out("ls /b | head -1") == "00000\n"
    assert stub.count("GET") < 10
    stub.seen.clear()
    assert stubbed.out("find /b | head -2") == "/b\n/b/00000\n"
    assert stub.count("GET") < 10


def fetched(url: str) -> tuple[bytes, Any]:
    with urllib.request.urlopen(url) as answer:
        return answer.read(), answer.headers


def test_a_shared_link_reads_the_file_for_anybody(place: Place, tmp_path: pathlib.Path) -> None:
    place.out("echo the report > '/b/q3 é.csv'")
    answer = place.run("share '/b/q3 é.csv' --for 10m")
    assert answer.err.startswith("Whoever has this link can read /b/q3 é.csv until 2026-11-20 09:40")
    data, headers = fetched(answer.out.strip())
    assert data == b"the report\n"
    assert headers["Content-Type"] == "text/csv"
    assert "filename*=UTF-8''q3%20%C3%A9.csv" in headers["Content-Disposition"]
    with pytest.raises(urllib.error.HTTPError):
        fetched(answer.out.strip().replace("X-Amz-Expires=600", "X-Amz-Expires=6000"))


def test_a_shared_link_is_kept_nowhere(place: Place) -> None:
    place.out("echo the report > /b/a")
    answer = place.run("share /b/a --json")
    told = json.loads(answer.out)
    assert told["path"] == "/b/a"
    assert told["expires"].startswith("2026-11-20T10:30")
    signature = told["url"].rpartition("X-Amz-Signature=")[2]
    assert len(signature) == 64
    assert signature not in answer.err
    for file in place.home.rglob("*"):
        if file.is_file():
            assert signature.encode() not in file.read_bytes(), file


@pytest.mark.parametrize("time", ["8d", "0", "-1h", "soon", "1w", "inf"])
def test_how_long_a_link_lasts_has_bounds(place: Place, time: str) -> None:
    answer = place.run(f"share /b/a --for={time}")
    assert answer.status == 2
    assert time in answer.err


def test_what_cannot_be_shared_is_told_with_the_next_step(place: Place) -> None:
    place.out("echo x > /files/a", "echo x > /tmp/a", "mkdir /b/d")
    for path in ("/files/a", "/tmp/a"):
        answer = place.run(f"share {path}")
        assert answer.status == 1
        assert answer.out == ""
        assert answer.err.splitlines()[1] == "  copy it to a bucket: mount /b s3://BUCKET; cp FILE /b"
    assert place.run("share /b/d").err == "share: /b/d: is a directory\n"
    assert place.run("share /b/none").err == "share: /b/none: no such file or directory\n"
    assert place.run("share /files/none").err == "share: /files/none: no such file or directory\n"
    assert place.run("share /files").err == "share: /files: is a directory\n"


class TestSharingTheWorkspace:
    """What `/files` and the others hold, where the store's objects lie in a bucket."""

    @pytest.fixture
    def home(
        self, tmp_path: pathlib.Path, s3_service: S3Service, bucket: str, monkeypatch: pytest.MonkeyPatch
    ) -> pathlib.Path:
        monkeypatch.setenv("SPATIO_OBJECTS", f"s3://{bucket}/objects?endpoint={s3_service.endpoint}")
        return tmp_path / "home"

    @pytest.mark.parametrize("size", [0, 5, 300_000])
    def test_a_file_of_any_size_is_shared(self, home: pathlib.Path, size: int) -> None:
        data = bytes(at % 251 for at in range(size))
        answer = run_in(home, "cat > /files/a.bin", "share /files/a.bin", stdin=data)
        assert fetched(answer.out.strip())[0] == data
        assert run_in(home, "cat /files/a.bin | wc -c").out.strip() == str(size)

    def test_a_note_is_shared_as_it_was_then(self, home: pathlib.Path) -> None:
        url = run_in(home, "echo '# plan' > /notes/plan.md", "share /notes/plan.md").out.strip()
        run_in(home, "echo other > /notes/plan.md")
        data, headers = fetched(url)
        assert data == b"# plan\n"
        assert headers["Content-Type"] == "text/markdown"

    def test_what_was_forgotten_is_not_read_by_its_link(self, home: pathlib.Path) -> None:
        url = run_in(home, "echo secret > /files/a", "share /files/a").out.strip()
        assert fetched(url)[0] == b"secret\n"
        assert run_in(home, "forget /files/a --confirm 'forget /files/a'").status == 0
        with pytest.raises(urllib.error.HTTPError):
            fetched(url)
