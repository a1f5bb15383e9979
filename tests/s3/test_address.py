"""Addresses of buckets: read, printed, and refused with a next step."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.s3.address import Location
from providers.s3.credentials import Keys
from providers.s3.service import Service
from vfs.errors import BadName


def test_an_address_names_a_bucket_and_what_lies_in_it() -> None:
    location = Location.parse("s3://my-bucket/a/b")
    assert (location.bucket, location.prefix) == ("my-bucket", "a/b/")
    assert location.name == "s3://my-bucket/a/b"
    assert Location.parse("s3://my-bucket/").prefix == ""
    assert Location.parse("S3://my-bucket").name == "s3://my-bucket"


def test_options_stand_in_the_address_or_beside_it() -> None:
    text = "s3://b1x/p?endpoint=https://account.r2.cloudflarestorage.com&region=auto"
    location = Location.parse(text)
    assert (location.endpoint, location.region) == ("https://account.r2.cloudflarestorage.com", "auto")
    assert Location.parse(text, region="eu-west-1", endpoint=None).region == "eu-west-1"
    assert Location.parse("s3://b1x", style="path").style == "path"
    assert str(location) == text


@given(
    st.lists(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1).map(lambda t: t.strip("/"))),
    st.sampled_from([None, "https://host", "http://127.0.0.1:9000"]),
    st.sampled_from([None, "auto", "eu-west-1"]),
    st.sampled_from([None, "path", "virtual"]),
)
def test_what_is_printed_is_read_as_the_same(
    parts: list[str], endpoint: str | None, region: str | None, style: str | None
) -> None:
    prefix = "/".join(part for part in parts if part)
    location = Location("bucket", f"{prefix}/" if prefix else "", endpoint, region, "me", style)  # type: ignore[arg-type]
    assert Location.parse(str(location)) == location


@pytest.mark.parametrize(
    "text",
    [
        "bucket",
        "https://b/x",
        "s3://",
        "s3:///x",
        "s3://a",
        "s3://-a-",
        "s3://a..b",
        "s3://b1x/\n",
        "s3://b x/y",
        "s3://b1x?endpoint=ftp://x",
        "s3://b1x?endpoint=host",
        "s3://b1x?endpoint=https://[",
        "s3://b1x?style=x",
    ],
)
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(BadName):
        Location.parse(text)


@pytest.mark.parametrize(
    "text",
    [
        "s3://AKIA123:TOPSECRET@bucket/x",
        "s3://bucket?secret_access_key=TOPSECRET",
        "s3://bucket?aws_access_key_id=TOPSECRET",
        "s3://bucket?session_token=TOPSECRET",
        "s3://bucket?X-Amz-Signature=TOPSECRET",
        "s3://bucket?endpoint=https://key:TOPSECRET@host",
        "s3://bucket?endpoint=https://host?key=TOPSECRET",
    ],
)
def test_keys_in_an_address_are_refused_with_a_next_step_and_not_repeated(text: str) -> None:
    with pytest.raises(BadName, match="keys do not belong in an") as caught:
        Location.parse(text)
    assert "AWS_ACCESS_KEY_ID" in str(caught.value.hint)
    assert "TOPSECRET" not in f"{caught.value} {caught.value.hint} {caught.value!r}"


def test_an_unknown_option_is_told_with_those_that_there_are() -> None:
    with pytest.raises(BadName, match="no option 'colour'") as caught:
        Location.parse("s3://bucket?colour=red")
    assert caught.value.hint == "there are: endpoint, region, profile, style"


@pytest.mark.parametrize(
    ("text", "root", "path"),
    [
        ("s3://bucket", "https://bucket.s3.eu-west-1.amazonaws.com", "/a%20b"),
        ("s3://a.bucket", "https://s3.eu-west-1.amazonaws.com", "/a.bucket/a%20b"),
        ("s3://bucket?style=path", "https://s3.eu-west-1.amazonaws.com", "/bucket/a%20b"),
        ("s3://bucket?region=cn-north-1", "https://bucket.s3.cn-north-1.amazonaws.com.cn", "/a%20b"),
        ("s3://bucket?endpoint=http://h:1", "http://h:1", "/bucket/a%20b"),
        ("s3://bucket?endpoint=http://h:1&style=virtual", "http://bucket.h:1", "/a%20b"),
        ("s3://bucket?endpoint=https://h/s3", "https://h/s3", "/s3/bucket/a%20b"),
    ],
)
def test_requests_go_where_the_location_says(text: str, root: str, path: str) -> None:
    location = Location.parse(text)
    keys = Keys("a", "b", None, location.region or "eu-west-1", location.endpoint)
    service = Service.of(location, keys)
    assert (service.root, service.path("a b")) == (root, path)
