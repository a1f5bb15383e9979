"""providers.calendar.ics: lines, components and values, whatever a file holds."""

from __future__ import annotations

import os
from datetime import datetime

import icalendar
import pytest
from hypothesis import given
from hypothesis import strategies as some

from providers.calendar.event import Moment, Span
from providers.calendar.ics.component import DEEPEST, Component, line_end, parse
from providers.calendar.ics.lines import WIDTH, Line, folded, lines_of, parameter
from providers.calendar.ics.values import (
    escaped,
    offset_of,
    read_moment,
    read_span,
    read_stamp,
    text_of,
    texts_of,
    unescaped,
    write_moment,
    write_span,
)
from providers.calendar.reading import read_calendar

ANY_TEXT = some.text(some.characters(exclude_categories=["Cs"]), max_size=300)
ANY_BYTES = some.lists(
    some.sampled_from(
        [
            *(b"BEGIN:VCALENDAR", b"END:VCALENDAR", b"BEGIN:VEVENT", b"END:VEVENT", b"BEGIN:VALARM"),
            *(b"\r\n", b"\n", b"\r", b"\r\n ", b"\n\t", b"\0", b"\xff\xfe", b"\xc3", b"=\r\n"),
            *(
                b"DTSTART",
                b"RRULE:",
                b"DTSTART:20260101T100000Z",
                b"SUMMARY",
                b";TZID=",
                b":",
                b";",
                b'"',
                b"=",
                b",",
            ),
            *(b"EXDATE;VALUE=DATE:", b"20261121", b"UID:1", b"DURATION:-P1W", b";ENCODING=QUOTED-PRINTABLE"),
        ]
    )
    | some.binary(max_size=12),
    max_size=60,
).map(b"".join)


def line(text: str) -> Line:
    return Line(text.encode())


@given(ANY_BYTES)
def test_any_bytes_are_read_and_written_back(data: bytes) -> None:
    assert b"".join(one.raw for one in lines_of(data)) == data
    assert parse(data).raw() == data
    read_calendar(b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n" + data)


@given(ANY_TEXT)
def test_any_text_comes_back_from_its_escapes(text: str) -> None:
    made = Line.of("SUMMARY", escaped(text))
    kept = "".join(
        char for char in text.replace("\r\n", "\n").replace("\r", "\n") if char in "\n\t" or ord(char) > 31
    )
    assert text_of(made) == kept.replace("\x7f", "").strip()
    assert made.name == "SUMMARY"


@given(ANY_TEXT)
def test_a_text_stays_one_property_and_others_read_it_alike(text: str) -> None:
    made = Component.new("VEVENT", [Line.of("UID", "1"), Line.of("SUMMARY", escaped(text))])
    data = made.raw()
    assert data.count(b"BEGIN:VEVENT\r\n") == data.count(b"END:VEVENT\r\n") == 1
    again = next(parse(data).components())
    assert [part.name for part in again.lines()] == ["UID", "SUMMARY"]
    theirs = icalendar.Event.from_ical(data)
    assert str(theirs["SUMMARY"]).strip() == text_of(Line.of("SUMMARY", escaped(text)))


@given(ANY_TEXT)
def test_a_folded_line_is_narrow_and_unfolds_to_itself(text: str) -> None:
    raw = folded(f"X-A:{text}")
    for part in raw.removesuffix(b"\r\n").split(b"\r\n"):
        assert len(part) <= WIDTH
        part.decode()
    kept = "".join(
        char for char in text.replace("\r\n", " ").replace("\n", " ") if char == "\t" or ord(char) > 31
    )
    assert Line(raw).text == f"X-A:{kept}".replace("\x7f", "")


@given(ANY_TEXT)
def test_any_text_comes_back_from_a_parameter(text: str) -> None:
    made = Line.of("ATTENDEE", "mailto:a@b.c", [("CN", text), ("ROLE", "CHAIR")])
    kept = "".join(char for char in text.replace("\r\n", "\n") if char in "\n\t" or ord(char) > 31)
    assert made.param("CN") == kept.replace("\x7f", "")
    assert made.param("ROLE") == "CHAIR"
    assert made.value == "mailto:a@b.c"


def test_a_parameter_is_quoted_only_where_it_must_be() -> None:
    assert parameter("Ada") == "Ada"
    assert parameter("Lovelace, Ada") == '"Lovelace, Ada"'
    assert parameter('"Ada"') == "^'Ada^'"


@pytest.mark.parametrize("end", ["\r\n", "\n", "\r"])
def test_lines_are_unfolded_whatever_ends_them(end: str) -> None:
    data = f"SUMMARY:a long{end}  title{end}LOCATION:here{end}".encode()
    assert [(one.name, one.value) for one in lines_of(data)] == [
        ("SUMMARY", "a long title"),
        ("LOCATION", "here"),
    ]


def test_a_character_that_a_fold_has_cut_is_whole_again() -> None:
    assert Line(b"SUMMARY:caf\xc3\r\n \xa9\r\n").value == "café"


def test_a_group_and_small_letters_do_not_matter() -> None:
    found = line('item1.dtstart;Tzid="Europe/Oslo";x=1,2:20260101T100000')
    assert (found.name, found.param("TZID"), found.params["X"]) == ("DTSTART", "Europe/Oslo", ["1", "2"])


def test_parameters_that_are_not_well_formed_do_not_hide_the_value() -> None:
    assert line('SUMMARY;X="open:the title').value == "the title"
    assert line("SUMMARY;;LANGUAGE=en:the title").value == "the title"
    assert line("no colon at all").name == ""


def test_old_charsets_are_read() -> None:
    assert Line("SUMMARY:Größe".encode("latin-1")).value == "Größe"


def test_vcalendar_texts_are_unquoted() -> None:
    data = b"SUMMARY;CHARSET=ISO-8859-1;ENCODING=QUOTED-PRINTABLE:Gr=F6=\r\n=DFe\r\nUID:1\r\n"
    summary, uid = lines_of(data)
    assert text_of(summary) == "Größe"
    assert uid.value == "1"


def test_an_edit_of_a_value_keeps_the_parameters_as_they_are_spelt() -> None:
    made = line('dtstart;x-Odd="a,b";TZID=Europe/Oslo:20260101T100000').with_value("20270101T100000")
    assert made.raw == b'dtstart;x-Odd="a,b";TZID=Europe/Oslo:20270101T100000\r\n'


def test_an_edit_of_a_parameter_keeps_the_others_in_their_places() -> None:
    made = line("ATTENDEE;CN=Bob;PARTSTAT=NEEDS-ACTION;RSVP=TRUE:mailto:b@x.org").with_params(
        {"PARTSTAT": "ACCEPTED", "RSVP": "", "X-NEW": "1"}
    )
    assert made.text == "ATTENDEE;CN=Bob;PARTSTAT=ACCEPTED;X-NEW=1:mailto:b@x.org"


def test_components_that_do_not_close_end_with_the_file() -> None:
    data = b"BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:1\nEND:VALARM\n"
    calendar = next(parse(data).components("VCALENDAR"))
    assert [part.name for part in next(calendar.components()).lines()] == ["UID", "END"]
    assert parse(data).raw() == data


def test_an_end_closes_what_was_left_open_inside() -> None:
    calendar = next(parse(b"BEGIN:VCALENDAR\nBEGIN:VEVENT\nBEGIN:VALARM\nEND:VEVENT\nX-A:1\n").components())
    assert [part.name for part in calendar.lines()] == ["X-A"]


def test_depth_is_bounded() -> None:
    data = b"BEGIN:X\n" * 100_000
    root = parse(data)
    assert root.raw() == data
    depth, inner = 0, root
    while found := next(inner.components(), None):
        depth, inner = depth + 1, found
    assert depth == DEEPEST


def test_very_many_components_and_a_long_line_are_read() -> None:
    size = 100_000 if os.environ.get("SPATIO_FULL") else 20_000
    many = b"BEGIN:VCALENDAR\n" + b"BEGIN:VTODO\nEND:VTODO\n" * size + b"END:VCALENDAR\n"
    assert read_calendar(many).tasks == size
    wide = b"BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:20260101\nSUMMARY:" + b"\r\n ".join([b"x" * 73] * 28_000)
    assert len(wide) > 2_000_000
    assert len(read_calendar(wide).series[0].master.said.title) == 1000  # type: ignore[union-attr]


def test_the_end_of_lines_is_that_of_the_file() -> None:
    assert line_end(parse(b"BEGIN:VCALENDAR\nEND:VCALENDAR\n")) == b"\n"
    assert line_end(parse(b"BEGIN:VCALENDAR\r\n")) == b"\r\n"
    assert line_end(parse(b"")) == b"\r\n"


def test_put_replaces_in_place_and_add_comes_before_what_is_inside() -> None:
    event = next(parse(b"BEGIN:VEVENT\nA:1\nB:1\nA:2\nBEGIN:VALARM\nEND:VALARM\nEND:VEVENT\n").components())
    event.put(Line.of("A", "3", end=b"\n"))
    event.add(Line.of("C", "1", end=b"\n"))
    assert event.raw() == b"BEGIN:VEVENT\nA:3\nB:1\nC:1\nBEGIN:VALARM\nEND:VALARM\nEND:VEVENT\n"


@pytest.mark.parametrize(
    ("text", "wall"),
    [
        ("20260131", datetime(2026, 1, 31)),
        ("20260131T101500", datetime(2026, 1, 31, 10, 15)),
        ("20260131t1015", datetime(2026, 1, 31, 10, 15)),
        ("2026-01-31T10:15:00", datetime(2026, 1, 31, 10, 15)),
        (" 20260131T101560 ", datetime(2026, 1, 31, 10, 15, 59)),
        ("20260131T240000", datetime(2026, 2, 1)),
        ("20260131T101500+0200", datetime(2026, 1, 31, 8, 15)),
        ("16000229T000000", datetime(1600, 2, 29)),
        ("99991231T235959", datetime(9999, 12, 31, 23, 59, 59)),
    ],
)
def test_moments_are_read_leniently(text: str, wall: datetime) -> None:
    stamp = read_stamp(text)
    assert stamp is not None
    assert stamp.wall == wall


@pytest.mark.parametrize(
    "text", ["", "20260230", "00000101", "20261301", "tomorrow", "99991231T240000", "²0260101"]
)
def test_what_is_no_moment_is_none(text: str) -> None:
    assert read_stamp(text) is None


@given(some.datetimes(min_value=datetime(1000, 1, 1)).map(lambda wall: wall.replace(microsecond=0)))
def test_a_moment_comes_back(wall: datetime) -> None:
    for moment in (Moment(wall, "Europe/Oslo"), Moment(wall, "UTC"), Moment(wall)):
        assert read_moment(write_moment(moment), moment.zone) == moment


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("PT1H30M", Span(0, 5400)),
        ("P1DT12H", Span(1, 43200)),
        ("P2W", Span(14)),
        ("-PT15M", Span(0, -900)),
        ("+P1D", Span(1)),
        ("pt5s", Span(0, 5)),
        ("PT0S", Span()),
    ],
)
def test_durations_are_read(text: str, span: Span) -> None:
    assert read_span(text) == span


@pytest.mark.parametrize("text", ["", "P", "PT", "1H", "P1H", "P99999999D", "P9999999W", "PT1H1H"])
def test_what_is_no_duration_is_none(text: str) -> None:
    assert read_span(text) is None


@given(some.integers(0, 5000), some.integers(0, 86_399))
def test_a_duration_comes_back(days: int, seconds: int) -> None:
    assert read_span(write_span(Span(days, seconds))) == Span(days, seconds)
    assert read_span(write_span(Span(-days, -seconds))) == Span(-days, -seconds)


def test_escapes_that_are_none_stay() -> None:
    assert unescaped(r"C:\dir\new \x") == "C:\\dir\new \\x"
    assert texts_of(line(r"CATEGORIES:a\,b,c,,d")) == ["a,b", "c", "d"]


@pytest.mark.parametrize(("text", "hours"), [("+0530", 5.5), ("-0800", -8), ("+01:00", 1)])
def test_offsets_are_read(text: str, hours: float) -> None:
    found = offset_of(text)
    assert found is not None
    assert found.utcoffset(None).total_seconds() == hours * 3600


@pytest.mark.parametrize("text", ["", "1", "+99", "+9900", "0100"])
def test_what_is_no_offset_is_none(text: str) -> None:
    assert offset_of(text) is None
