"""Listings read quickly say what they say when they are read carefully."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import quote_plus
from xml.sax.saxutils import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.s3 import listing
from providers.s3.client import Facts
from vfs.errors import VfsError

WHEN = datetime(2026, 11, 21, 12, 0, 0, tzinfo=UTC)
HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?><ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'
)


def entry(key: str, middle: str = "") -> str:
    spelt = escape(quote_plus(key, safe="/"))
    return (
        f"<Contents><Key>{spelt}</Key><LastModified>2026-11-21T12:00:00.000Z</LastModified>"
        f"<ETag>&quot;abc&quot;</ETag>{middle}<Size>5</Size><StorageClass>STANDARD</StorageClass></Contents>"
    )


def body(*entries: str, more: str = "", encoding: str = "<EncodingType>url</EncodingType>") -> bytes:
    end = (
        f"<IsTruncated>true</IsTruncated><NextContinuationToken>{more}</NextContinuationToken>"
        if more
        else ""
    )
    return f"{HEAD}<Name>b</Name>{encoding}{end}{''.join(entries)}</ListBucketResult>".encode()


@given(
    st.lists(st.text(st.characters(exclude_categories=["Cs"]), min_size=1), min_size=1),
    st.sampled_from(["", "token+/=", "a b"]),
    st.sampled_from(["", "<ChecksumAlgorithm>CRC32</ChecksumAlgorithm>"]),
)
def test_quickly_and_carefully_say_the_same(keys: list[str], more: str, middle: str) -> None:
    page = body(*(entry(key, middle) for key in keys), more=more)
    quick = listing._quickly(page)
    assert quick is not None
    assert quick == listing._carefully(page) == listing.parsed(page)
    assert [facts.key for facts in quick[0].objects] == keys
    assert quick[1] == more


@pytest.mark.parametrize(
    "page",
    [
        body(entry("a"), "<CommonPrefixes><Prefix>b%2F</Prefix></CommonPrefixes>"),
        body(entry("a").replace("<Size>5</Size>", "").replace("<Key>", "<Size>5</Size><Key>")),
        body(entry("a"), entry("a").replace("<ETag>", "<Owner><ID>x</ID></Owner><ETag>")),
        body(entry("a"), encoding=""),
        body(),
        body(entry("a"), "<!-- a comment -->"),
    ],
)
def test_what_is_not_as_usual_is_read_carefully(page: bytes) -> None:
    assert listing._quickly(page) is None
    found, token = listing.parsed(page)
    assert token == ""
    assert all(facts == Facts("a", 5, WHEN, "abc") for facts in found.objects)


@pytest.mark.parametrize(
    "page",
    [
        b"",
        b"<html/>",
        body(entry("a"))[:-30],
        body(entry("a")).replace(b"2026-11", b"2026-13"),
        body(entry("a")).replace(b"<Key>a</Key>", b"<Key>%ff</Key>"),
        b"\xff\xfe" + body(entry("a")),
    ],
)
def test_what_is_no_listing_is_told(page: bytes) -> None:
    with pytest.raises(VfsError, match="not S3's"):
        listing.parsed(page)
