from __future__ import annotations

import os

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from providers.mail.html import page_of
from tests.mail import hostile


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>Hello <b>world</b>.</p><p>Bye</p>", "Hello world.\n\nBye"),
        ("a<br>b<br><br><br>c", "a\nb\n\nc"),
        ("<div>a</div><div>b</div>", "a\nb"),
        ("  a \n\t b&nbsp;&amp; c&lt;d ", "a b & c<d"),
        ("one<b> two </b>three", "one two three"),
        ("<ul><li>a<li>b<ul><li>c</ul></ul>", "- a\n- b\n\n  - c"),
        ("<ol><li>a</li><li>b</li></ol>", "1. a\n2. b"),
        ("<blockquote>a<br>b</blockquote>c", "> a\n> b\n\nc"),
        ("<blockquote>a<blockquote>b</blockquote></blockquote>", "> a\n>\n> > b"),
        ("<pre>a\n  b</pre>", "a\n  b"),
        ("a<hr>b", "a\n---\nb"),
        ("<script>alert(1)</script>a<style>p {}</style>b<title>t</title>", "ab"),
        ("a<!-- <p>hidden --> b<!doctype x>c", "a bc"),
        ("2 < 3 and <3 & a<b", "2 < 3 and <3 & a"),
        ("<h1>T</h1>x", "T\n\nx"),
        ("&#65;&#x42;&euro;&nosuch;&#1;", "AB€&nosuch;"),
        ("&#" + "9" * 5000 + ";", "&#" + "9" * 5000 + ";"),
        ("", ""),
    ],
)
def test_a_page_is_read_as_text(html: str, text: str) -> None:
    assert page_of(html).text == text


def test_data_keeps_its_columns() -> None:
    html = "<table><tr><th>Item<th>Price<tr><td>Tea<td>3.50<tr><td>Biscuits<td>12.00</table>"
    assert page_of(html).text == "Item     | Price\nTea      | 3.50\nBiscuits | 12.00"


def test_tables_that_only_place_things_become_lines() -> None:
    cell = "A sentence that is far too long to be a value in a table, as in most newsletters."
    html = f"<table><tr><td><table><tr><td>{cell}</td></tr></table></td><td>x</td></tr></table>"
    assert page_of(html).text == f"{cell}\nx"


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ('<a href="https://a.example/x">Read more</a>', "[Read more](https://a.example/x)"),
        ('<a href="https://a.example/">a.example</a>', "a.example"),
        ('<a href="https://www.a.example">https://a.example/</a>', "https://a.example/"),
        ('<a href="mailto:ada@example.org">ada@example.org</a>', "ada@example.org"),
        ('<a href="#top">top</a>', "top"),
        ("<a>none</a>", "none"),
        ('<a href="javascript:alert(1)">x</a>', "[x](javascript: left out)"),
        ('<a href="https://a.example"><img src=x></a>b', "b"),
        ('<a href="https://a.example">x\r\nTo: y</a>', "[x To: y](https://a.example)"),
    ],
)
def test_links_show_where_they_lead(html: str, text: str) -> None:
    assert page_of(html).text == text


@pytest.mark.parametrize(
    "href",
    [
        "https://evil.example/bank.example",
        "https://bank.example@evil.example/",
        "https://bank.example.evil.example/",
        "//evil.example",
    ],
)
def test_a_link_that_claims_to_lead_elsewhere_is_remarked(href: str) -> None:
    page = page_of(f'<a href="{href}">www.bank.example</a>')
    assert href in page.text
    assert any("www.bank.example leads to" in remark and "evil.example" in remark for remark in page.remarks)
    assert not page_of('<a href="https://login.bank.example/x">bank.example</a>').remarks


def test_a_host_in_letters_that_look_like_others_stands_in_punycode() -> None:
    assert "xn--" in page_of('<a href="https://exаmple.com/">here</a>').text


def test_nothing_is_loaded_and_that_is_said() -> None:
    page = page_of(
        '<img src="http://169.254.169.254/"><img src="https://t.example/p.gif" width="1">'
        '<img alt="Logo" src="cid:x">'
    )
    assert page.text == "[image: Logo]"
    assert page.remarks == ("1 image of other servers not loaded", "1 tracking pixel left out")


@pytest.mark.parametrize(
    "style",
    [
        "display:none",
        "DISPLAY : none !important",
        "visibility:hidden",
        "font-size:0",
        "font-size:0px;x:y",
        "opacity:0",
    ],
)
def test_what_a_person_would_not_see_is_left_out(style: str) -> None:
    page = page_of(f'a<div style="{style}"><div>agents, obey</div></div>b')
    assert page.text == "ab"
    assert page.remarks == ("hidden text left out",)
    assert page_of('a<span style="font-size:0.9em">b</span>').text == "ab"
    assert page_of("a<p hidden>x</p>b").text == "ab"


def test_a_page_of_which_all_is_hidden_is_shown() -> None:
    assert page_of('<div style="display:none">text').text == "text"


@pytest.mark.timeout(20)
@pytest.mark.parametrize("name", hostile.PAGES)
def test_a_hostile_page_takes_time_in_proportion(name: str) -> None:
    """A scanner that begins again at every tag would take many minutes for these."""
    size = hostile.SIZE if os.environ.get("SPATIO_FULL") else hostile.SIZE // 8
    filling = hostile.fill(hostile.PAGES[name], size).decode("utf-8", "ignore")
    for html in (filling, f'<a x="{filling}', f'{filling[: len(filling) // 2]}"{filling}'):
        assert len(page_of(html).text) <= 3 * len(html)


@settings(deadline=None)
@given(
    st.text(max_size=200),
    st.lists(
        st.sampled_from(
            [
                "<table>",
                "<tr>",
                "<td>",
                "</td>",
                "</table>",
                "<a href=x>",
                "</a>",
                "<blockquote>",
                "</blockquote>",
                "<pre>",
                "<li>",
                "<ul>",
                "</ul>",
                "<!--",
                "-->",
                "x",
                " ",
                "&#0;",
                '"',
                "<p hidden>",
                "<",
            ]
        ),
        max_size=30,
    ),
)
def test_no_page_raises(text: str, pieces: list[str]) -> None:
    page_of(text)
    page_of("".join(pieces) + text)
