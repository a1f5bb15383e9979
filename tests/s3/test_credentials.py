"""Keys: where they are looked for, in which order, and that nobody prints them."""

from __future__ import annotations

import pathlib

import pytest

from providers.s3.address import Location
from providers.s3.credentials import Keys, find_keys
from vfs.errors import LoginNeeded

BUCKET = Location.parse("s3://bucket/x")
ENVIRONMENT = {"AWS_ACCESS_KEY_ID": "env", "AWS_SECRET_ACCESS_KEY": "ENVSECRET"}


def secrets(name: str) -> str | None:
    return {"s3:bucket": "ring:RINGSECRET", "s3:session": "ring:RINGSECRET:SES:SION"}.get(name)


@pytest.fixture
def profiles(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keys = "[default]\naws_access_key_id=dflt\naws_secret_access_key=DSECRET\n"
    keys += "[work]\naws_access_key_id=work\naws_secret_access_key=WSECRET\naws_session_token=WSESSION\n"
    (tmp_path / "credentials").write_text(keys)
    (tmp_path / "config").write_text("[profile work]\nregion=eu-north-1\nendpoint_url=https://work.example\n")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))


def test_the_environment_goes_before_the_apps_secrets() -> None:
    found = find_keys(BUCKET, secrets, ENVIRONMENT | {"AWS_SESSION_TOKEN": "s"})
    assert found == Keys("env", "ENVSECRET", "s", "us-east-1", None)
    assert find_keys(BUCKET, secrets, {}) == Keys("ring", "RINGSECRET", None, "us-east-1", None)


def test_a_secret_may_hold_a_session() -> None:
    found = find_keys(Location.parse("s3://session"), secrets, {})
    assert (found.secret, found.session) == ("RINGSECRET", "SES:SION")


@pytest.mark.usefixtures("profiles")
def test_a_profile_that_is_named_goes_before_all() -> None:
    found = find_keys(Location.parse("s3://bucket?profile=work"), secrets, ENVIRONMENT)
    assert found == Keys("work", "WSECRET", "WSESSION", "eu-north-1", "https://work.example")


@pytest.mark.usefixtures("profiles")
def test_without_anything_else_the_default_profile_is_asked() -> None:
    assert find_keys(BUCKET, environ={}).access == "dflt"
    assert find_keys(BUCKET, environ={"AWS_PROFILE": "work"}).access == "work"


def test_no_keys_anywhere_are_told_with_a_next_step() -> None:
    with pytest.raises(LoginNeeded, match=r"^s3://bucket/x: no keys for this bucket$") as caught:
        find_keys(BUCKET, environ={})
    assert "s3:bucket" in str(caught.value.hint)


def test_a_profile_that_is_not_there_is_told() -> None:
    with pytest.raises(LoginNeeded, match=r"~/.aws has no profile 'nobody'"):
        find_keys(Location.parse("s3://bucket?profile=nobody"), environ={})


@pytest.mark.parametrize("text", ["TOPSECRET", ":TOPSECRET", "TOPSECRET:"])
def test_a_secret_that_is_no_pair_is_told_and_not_repeated(text: str) -> None:
    with pytest.raises(LoginNeeded, match="not ACCESS:SECRET") as caught:
        find_keys(BUCKET, lambda name: text, {})
    assert "TOPSECRET" not in f"{caught.value} {caught.value.hint}"


@pytest.mark.parametrize(
    ("environ", "text", "endpoint", "region"),
    [
        ({"AWS_REGION": "eu-west-1"}, "s3://bucket", None, "eu-west-1"),
        ({"AWS_DEFAULT_REGION": "eu-west-1"}, "s3://bucket?region=auto", None, "auto"),
        (
            {"AWS_ENDPOINT_URL": "http://a", "AWS_ENDPOINT_URL_S3": "http://b"},
            "s3://bucket",
            "http://b",
            "us-east-1",
        ),
        ({"AWS_ENDPOINT_URL": "http://a"}, "s3://bucket?endpoint=http://c", "http://c", "us-east-1"),
        (
            {},
            "s3://bucket?endpoint=https://x.r2.cloudflarestorage.com",
            "https://x.r2.cloudflarestorage.com",
            "auto",
        ),
    ],
)
def test_the_place_is_what_was_asked_for_else_what_is_set(
    environ: dict[str, str], text: str, endpoint: str | None, region: str
) -> None:
    found = find_keys(Location.parse(text), environ=ENVIRONMENT | environ)
    assert (found.endpoint, found.region) == (endpoint, region)


def test_keys_are_never_printed() -> None:
    keys = Keys("AKIA", "TOPSECRET", "SESSION")
    assert {f"{keys}", f"{keys!r}", f"{keys!s}"} == {"Keys(…)"}
