from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from providers.mail.addresses import MOST, Address, addresses, pretence, safe


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("ada@example.org", [("", "ada@example.org")]),
        ("Ada L. <ada@example.org>", [("Ada L.", "ada@example.org")]),
        (
            '"Doe, Jane" <jane@example.org>, bob@example.org',
            [("Doe, Jane", "jane@example.org"), ("", "bob@example.org")],
        ),
        ("=?utf-8?q?J=C3=B6rg=2C_M=2E?= <j@example.org>", [("Jörg, M.", "j@example.org")]),
        ('"=?utf-8?q?J=C3=B6rg?=" <j@example.org>', [("Jörg", "j@example.org")]),
        (
            "friends: a@example.org, b@example.org;, c@example.org",
            [("", "a@example.org"), ("", "b@example.org"), ("", "c@example.org")],
        ),
        ("undisclosed-recipients:;", []),
        ("a@example.org (Ann (at) work)", [("Ann at work", "a@example.org")]),
        ('"a b"@example.org', [("", '"a b"@example.org')]),
        ("a @ example . org", [("", "a@example.org")]),
        ("John john@example.org", [("John", "john@example.org")]),
        ("<@relay.example:ada@example.org>", [("", "ada@example.org")]),
        ("<good@bank.example> <eve@example.org>", [("‹good@bank.example›", "eve@example.org")]),
        ('Eve "x <e@example.org>, b@example.org', [("Eve x", "e@example.org"), ("", "b@example.org")]),
        ("<x> ada@example.org", [("", "ada@example.org")]),
        ("Ada", [("", "Ada")]),
        ("<>", []),
        ("", []),
        (", ,;", []),
    ],
)
def test_a_field_is_read(value: str, found: list[tuple[str, str]]) -> None:
    assert list(addresses(value.encode())) == [Address(*one) for one in found]


def test_very_many_addresses_are_cut() -> None:
    assert len(addresses(b"a@b.c, " * 3 * MOST)) <= MOST + 1


def test_a_name_that_is_another_address_is_remarked() -> None:
    remark = pretence(Address("security@bank.example", "eve@example.org"))
    assert remark == "the sender's name looks like another address, security@bank.example"
    assert pretence(Address("eve@example.org", "Eve@Example.org")) is None
    assert pretence(Address("Jörg Müller", "j@example.org")) is None


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("alice@exаmple.com", "alice@xn--exmple-4nf.com"),
        ("alice@аррӏе.com", "alice@xn--80ak6aa92e.com"),
        ("info@münchen.de", "info@münchen.de"),
        ("info@пример.рф", "info@пример.рф"),
        ("info@日本語の例.jp", "info@日本語の例.jp"),
        ("info@例え.テスト", "info@例え.テスト"),
        ("x", "x"),
    ],
)
def test_a_domain_that_only_looks_like_another_stands_in_punycode(address: str, shown: str) -> None:
    assert safe(address) == shown
    assert str(Address("Alice", address)) == f"Alice <{shown}>"


def test_mixed_letters_in_a_name_are_remarked() -> None:
    assert "scripts" in (pretence(Address("РayPal", "eve@example.org")) or "")
    assert pretence(Address("Анна Smith", "anna@example.org")) is None


@settings(deadline=None)
@given(st.binary(max_size=200))
def test_no_field_raises_and_each_address_is_one_line(value: bytes) -> None:
    for one in addresses(value):
        assert "\n" not in str(one)
        assert "\r" not in str(one)
        str(one).encode()
        pretence(one)


@settings(deadline=None)
@given(st.text(max_size=60))
def test_no_text_raises(text: str) -> None:
    for one in addresses(text.encode("utf-8", "replace")):
        pretence(one)
