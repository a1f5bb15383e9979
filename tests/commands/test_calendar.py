"""calendar: events said as sentences, looked at, moved, cancelled; what was understood is said first."""

from __future__ import annotations

import json
import pathlib

import pytest

from tests.workspaces import Home, copy_of_demo, run_in


@pytest.fixture
def home(tmp_path: pathlib.Path) -> Home:
    return Home(tmp_path)


TEAM = 'calendar schedule "Team meeting" tomorrow 2pm'
WEEKLY = 'calendar schedule "Choir" every tuesday at 19:30 for 2 hours'


def test_an_event_is_said_before_and_after_it_is_written(home: Home) -> None:
    ran = home.run(TEAM)
    assert ran.out == 'Event created: "Team meeting" 2026-11-21 14:00\n'
    assert ran.err.startswith("Understood: Sat 2026-11-21 14:00")
    assert home.out("ls /calendar/2026-11-21") == "1400-team-meeting.ics\n"
    assert "When: Sat 2026-11-21 14:00-15:00" in home.out("cat /calendar/2026-11-21/1400-team-meeting.ics")


def test_a_phrase_that_may_be_two_dates_writes_nothing(home: Home) -> None:
    ran = home.run('calendar schedule "Dentist" 03/04/2027 at 10:00')
    assert (ran.status, ran.out) == (2, "")
    assert "2027-03-04" in ran.err
    assert "2027-04-03" in ran.err
    assert home.out("ls /calendar/calendars/personal") == ""


def test_a_word_that_is_not_understood_writes_nothing(home: Home) -> None:
    ran = home.run('calendar schedule "Dentist" tomorrow at 10:00 blergh')
    assert ran.status == 2
    assert "blergh" in ran.err
    assert home.out("ls /calendar/calendars/personal") == ""


def test_a_title_needs_no_quotes_where_the_rest_is_a_date(home: Home) -> None:
    assert 'Event created: "Lunch with Ada" 2026-11-23 12:00' in home.out(
        "calendar schedule Lunch with Ada monday at noon"
    )


def test_a_misspelt_day_is_never_taken_into_a_title(home: Home) -> None:
    for line, reason in (
        ("calendar schedule Dentist tuesdy 3pm", "did you mean 'tuesday'?"),
        ('calendar schedule "Team lunch" tomorow 3pm', "did you mean 'tomorrow'?"),
        ("calendar schedule Walk tomorrow 5pm to 4pm", "ends before it begins"),
    ):
        ran = home.run(line)
        assert (ran.status, ran.out, reason in ran.err) == (2, "", True), ran.err
    assert home.out("ls /calendar/calendars/personal") == ""


def test_options_say_what_a_sentence_cannot(home: Home) -> None:
    home.out('calendar schedule "Review" 2026-11-24 10:00 --for 90m --at "Room 4" --with ada@example.org')
    row = json.loads(home.out("calendar agenda 2026-11-24 | to jsonl"))
    assert (row["location"], row["attendees"], row["calendar"]) == ("Room 4", ["ada@example.org"], "personal")
    assert row["end"].startswith("2026-11-24T11:30")


def test_a_length_and_an_end_exclude_each_other(home: Home) -> None:
    ran = home.run('calendar schedule "X" tomorrow 2pm to 3pm --for 2h')
    assert (ran.status, "the end is said twice" in ran.err) == (2, True)


def test_whole_days_are_whole_days(home: Home) -> None:
    assert (
        home.out('calendar schedule "Fair" 2026-12-01 to 2026-12-03') == 'Event created: "Fair" 2026-12-01\n'
    )
    assert home.out("ls /calendar/2026-12-03") == "allday-fair.ics\n"
    assert home.run("ls /calendar/2026-12-04").out == ""
    assert "2026-12-01 to Thu 2026-12-03, all day" in home.out("calendar agenda 2026-12-01")


def test_a_dry_run_says_and_does_nothing(home: Home) -> None:
    ran = home.run(f"{TEAM} --dry-run")
    assert (ran.out, ran.err.startswith("Understood: Sat 2026-11-21 14:00")) == ("", True)
    assert home.out("ls /calendar/calendars/personal") == ""


def test_what_is_at_the_same_time_is_told(home: Home) -> None:
    ran = home.run(TEAM, 'calendar schedule "Other" tomorrow 14:30')
    assert "At the same time: Team meeting Sat 2026-11-21 14:00-15:00\n" in ran.err


def test_what_is_over_is_told(home: Home) -> None:
    assert "That is over already\n" in home.run('calendar schedule "Gone" yesterday at 10:00').err


def test_a_series_is_one_file_and_many_instances(home: Home) -> None:
    home.out(WEEKLY)
    assert home.out("ls /calendar/calendars/personal") == "choir.ics\n"
    rows = home.out("calendar agenda 2026-11-24 to 2026-12-15").splitlines()
    assert [row.split("\t")[0] for row in rows] == [
        f"Tue {day} 19:30-21:30" for day in ("2026-11-24", "2026-12-01", "2026-12-08", "2026-12-15")
    ]


def test_one_instance_is_moved_and_the_others_stay(home: Home) -> None:
    home.out(WEEKLY)
    moved = home.out("calendar move /calendar/2026-12-01/1930-choir.ics 2026-12-02 18:00")
    assert moved.endswith("to Wed 2026-12-02 18:00-20:00 (this one alone)\n")
    days = [row.split()[1] for row in home.out("calendar agenda 2026-11-24 to 2026-12-15").splitlines()]
    assert days == ["2026-11-24", "2026-12-02", "2026-12-08", "2026-12-15"]
    assert home.run("undo").status == 0
    days = [row.split()[1] for row in home.out("calendar agenda 2026-11-24 to 2026-12-15").splitlines()]
    assert days == ["2026-11-24", "2026-12-01", "2026-12-08", "2026-12-15"]


def test_an_hour_alone_keeps_the_day(home: Home) -> None:
    home.out(WEEKLY, TEAM)
    for words, to in (
        ("20:00", "Tue 2026-11-24 20:00-22:00"),
        ("at noon", "Tue 2026-11-24 12:00-14:00"),
        ("9:00 to 10:30", "Tue 2026-11-24 09:00-10:30"),
        ("2026-11-27 10am", "Fri 2026-11-27 10:00-11:30"),
    ):
        moved = home.out(f"calendar move /calendar/2026-11-2*/*-choir.ics {words}")
        assert f" to {to} " in moved
    ran = home.run("calendar move 'Team meeting' at 5")
    assert "2026-11-21 17:00" in ran.err


def test_an_instance_is_cancelled_or_all_that_follow_or_the_series(home: Home) -> None:
    home.out(WEEKLY)
    home.out("calendar cancel /calendar/2026-12-01/1930-choir.ics")
    home.out("calendar cancel --following /calendar/2026-12-15/1930-choir.ics")
    days = [row.split()[1] for row in home.out("calendar agenda 2026-11-24 to 2027-01-31").splitlines()]
    assert days == ["2026-11-24", "2026-12-08"]
    home.out("calendar cancel --all Choir")
    assert home.out("ls /calendar/calendars/personal") == ""


def test_a_title_that_several_have_names_none_of_them(home: Home) -> None:
    home.out(TEAM, 'calendar schedule "Team lunch" monday at noon')
    ran = home.run("calendar cancel team")
    assert (ran.status, "'team' may be any of: Team meeting" in ran.err) == (1, True)
    home.out(WEEKLY, WEEKLY)
    ran = home.run("calendar cancel Choir --all")
    assert (ran.status, ran.err.count("(/calendar/2026-11-24/1930-choir~")) == (1, 2)
    assert home.run("calendar cancel nothing").status == 1


def test_what_changes_and_who_was_not_told_is_said(home: Home) -> None:
    home.out(TEAM)
    ran = home.run("calendar edit 'Team meeting' --title 'Board' --with ada@example.org --free")
    assert ran.out == 'Changed: "Board" Sat 2026-11-21 14:00-15:00\n'
    assert "1 person was not told; to tell them: calendar invite" in ran.err
    assert home.run("calendar edit Board").status == 2


def test_free_time_is_what_events_leave_of_the_hours(home: Home) -> None:
    home.out(
        'calendar schedule "A" monday 10:00 to 11:00', 'calendar schedule "B" monday 13:00 to 17:30 --free'
    )
    assert home.out("calendar free monday") == (
        "Mon 2026-11-23 09:00-10:00\t1h\nMon 2026-11-23 11:00-18:00\t7h\n"
    )
    ran = home.run("calendar free monday 5h --hours 8-12")
    assert (ran.status, ran.err) == (1, "There is no time of 5h then\n")


def test_free_time_of_today_begins_now(home: Home) -> None:
    assert home.out("calendar free today").startswith("Fri 2026-11-20 09:30-18:00")


def test_a_phrase_is_explained_and_nothing_is_written(home: Home) -> None:
    assert home.out("calendar when tomorrow 2pm for 90 minutes").startswith("Sat 2026-11-21 14:00-15:30")
    two = home.run("calendar when 03/04/2027")
    assert (two.status, len(two.out.splitlines())) == (1, 2)
    assert home.run("calendar when blergh").status == 1
    there = home.out("calendar when --now 2026-11-18T09:30 --zone Europe/Helsinki tomorrow 2pm | to jsonl")
    assert json.loads(there)["start"] == "2026-11-19T14:00:00+02:00"


def test_an_imported_file_is_there_once(home: Home, tmp_path: pathlib.Path) -> None:
    event = (
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:VEVENT\r\nUID:1@x\r\nDTSTAMP:20260101T000000Z\r\n"
        "DTSTART:20261201T100000Z\r\nDTEND:20261201T110000Z\r\nSUMMARY:Imported\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    )
    ran = run_in(home.place, "calendar import", stdin=event.encode())
    assert ran.out == "standard input: 1 new, 0 changed, 0 known\n", ran.err
    again = run_in(home.place, "calendar import", stdin=event.encode())
    assert again.out == "standard input: 0 new, 0 changed, 1 known\n"
    assert home.out("ls /calendar/2026-12-01") == "1000-imported.ics\n"
    (tmp_path / "host.ics").write_text(event.replace("UID:1", "UID:2"), newline="")
    assert home.out(f"calendar import {tmp_path}/host.ics").endswith("host.ics: 1 new, 0 changed, 0 known\n")


def test_an_event_that_is_left_out_of_an_import_is_named(home: Home) -> None:
    events = [
        f"BEGIN:VEVENT\r\nUID:{number}@x\r\nDTSTAMP:20260101T000000Z\r\n"
        f"SUMMARY:No {number}\r\n{lines}\r\nEND:VEVENT\r\n"
        for number, lines in enumerate(
            (
                "DTSTART:20261201T100000Z",
                "DTSTART:2026-99",
                "DTSTART:20261202T100000Z\r\nRRULE:FREQ=SOMETIMES",
            )
        )
    ]
    file = f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\n{''.join(events)}END:VCALENDAR\r\n"
    ran = run_in(home.place, "calendar import", stdin=file.encode())
    assert (ran.status, ran.out) == (3, "standard input: 2 new, 0 changed, 0 known\n")
    assert "“No 1” does not say when it begins; left out\n" in ran.err
    assert "No 2: it recurs by no rule" in ran.err


def test_what_cannot_be_imported_is_named(home: Home, tmp_path: pathlib.Path) -> None:
    (tmp_path / "no.ics").write_text("hello")
    for word, reason in (
        (f"{tmp_path}/no.ics", f"{tmp_path}/no.ics: it holds no calendar"),
        (f"{tmp_path}/none.ics", f"{tmp_path}/none.ics: no such file or directory"),
        (str(tmp_path), f"{tmp_path}: is a folder of this computer"),
        ("", "standard input is empty"),
    ):
        ran = run_in(home.place, f"calendar import {word}", stdin=b"")
        assert ran.status == 1
        assert ran.err.startswith(f"calendar import: {reason}\n")


def test_nobody_is_invited_who_was_not_named(home: Home) -> None:
    home.out(TEAM)
    ran = home.run("calendar invite 'Team meeting'")
    assert (ran.status, "nobody is invited" in ran.err) == (1, True)


def test_an_invitation_is_answered_only_by_who_was_asked(home: Home) -> None:
    home.out(TEAM)
    ran = home.run("calendar answer 'Team meeting' yes")
    assert (ran.status, "nobody asked you" in ran.err) == (1, True)


def test_calendars_are_folders(home: Home) -> None:
    home.out("mkdir /calendar/calendars/work", f"{TEAM} --calendar work")
    assert "work\t1\t/calendar/calendars/work\n" in home.out("calendar calendars")


def test_a_calendar_is_found_in_each_account(home: Home) -> None:
    mounts = "mount /calendar/ada calendar collection=ada; mount /calendar/bob calendar collection=bob"
    made = home.run(
        "umount /calendar", "mount /calendar union", mounts, "mkdir /calendar/bob/calendars/team",
        f"{TEAM} --calendar team",
    )  # fmt: skip
    assert 'Event created: "Team meeting"' in made.out, made.err
    assert home.out("ls /calendar/bob/calendars/team") == "team-meeting.ics\n"


def test_a_wrong_subcommand_is_helped(home: Home) -> None:
    assert "did you mean calendar agenda next week?" in home.run("calendar next week").err
    ran = home.run("calendar agend")
    assert (ran.status, "did you mean calendar agenda?" in ran.err) == (2, True)
    assert home.run("calendar agenda blergh").status == 2


def test_a_part_of_a_day_is_no_hour(home: Home) -> None:
    ran = home.run('calendar schedule "Walk" tomorrow morning')
    assert (ran.status, "at which hour?" in ran.err) == (2, True)
    assert home.out("ls /calendar/calendars/personal") == ""


STRANGERS = (
    "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:VEVENT\r\nUID:1@x\r\nDTSTAMP:20260101T000000Z\r\n"
    "DTSTART:20261201T100000Z\r\nDTEND:20261201T110000Z\r\nSUMMARY:Talk\x1b[2J\r\nLOCATION:Here\x1b[2J\r\n"
    'ORGANIZER;CN="Boss <mallory@evil.example>, \x1bx":mailto:bob@example.org\r\n'
    'ATTENDEE;CN="Ann\u202e <eve@evil.example>, y":mailto:ann@example.org\r\n'
    'ATTENDEE;CN="No":"mailto:ann@example.org,eve@evil.example"\r\n'
    "ATTENDEE;CN=Two:mailto:two@example.org,eve@evil.example\r\n"
    "ATTENDEE;PARTSTAT=NEEDS-ACTION:mailto:nora@veldman.example\r\n"
    "END:VEVENT\r\nEND:VCALENDAR\r\n"
)


@pytest.mark.parametrize(
    ("line", "reached"),
    [("calendar invite Talk", "ann@example.org"), ("calendar answer Talk yes", "bob@example.org")],
)
def test_a_strangers_name_adds_nobody_to_who_gets_a_mail(
    tmp_path: pathlib.Path, line: str, reached: str
) -> None:
    place = copy_of_demo(tmp_path / "home")
    own = STRANGERS.replace("mailto:bob@example.org", "mailto:nora@veldman.example")
    text = own if "invite" in line else STRANGERS
    assert run_in(place, "calendar import", stdin=text.encode()).status == 0
    ran = run_in(place, line)
    assert ran.status == 0, ran.err
    told = ran.err.partition(" to ")[2].partition(" (")[0].split(", ")
    assert reached in told
    assert not [one for one in told if "evil" in one]
    assert "\x1b" not in ran.err


def test_who_does_not_invite_sends_no_invitation(tmp_path: pathlib.Path) -> None:
    place = copy_of_demo(tmp_path / "home")
    run_in(place, "calendar import", stdin=STRANGERS.encode())
    ran = run_in(place, "calendar invite Talk")
    assert (ran.status, "invites to it, and nobody else can" in ran.err) == (1, True)
    assert "calendar answer" in ran.err
