"""The demo's year: the same for the same day, coherent, and rich enough."""

from __future__ import annotations

import random
import re
import zipfile
import zlib
from collections import Counter
from datetime import date, timedelta
from io import BytesIO
from itertools import pairwise

import pytest

from spatio.demo.diary import diary
from spatio.demo.files import all_files
from spatio.demo.notes import Page, all_notes
from spatio.demo.tasks import all_tasks
from spatio.demo.world import World, build_world

DAYS = [date(2026, 11, 20), date(2027, 1, 1), date(2028, 2, 29), date(2026, 6, 7)]


def told(today: date) -> tuple[World, dict[str, Page], dict[str, Page], dict[str, Page]]:
    world, chance = build_world(today), random.Random(20)
    notes = [*all_notes(world, chance), *diary(world, chance)]
    tasks, files = list(all_tasks(world)), list(all_files(world, chance))
    return world, by_path(notes), by_path(tasks), by_path(files)


def by_path(pages: list[Page]) -> dict[str, Page]:
    found = {page.path: page for page in pages}
    assert len(found) == len(pages), [
        path for path, n in Counter(page.path for page in pages).items() if n > 1
    ]
    return found


def text(page: Page) -> str:
    return page.data.decode()


@pytest.mark.parametrize("today", DAYS, ids=str)
def test_the_year_is_full_on_any_day(today: date) -> None:
    _, notes, tasks, files = told(today)
    assert len(notes) >= 300
    assert len(tasks) >= 70
    assert len(files) >= 35
    assert all(page.day <= today for pages in (notes, tasks, files) for page in pages.values())


@pytest.mark.parametrize("today", DAYS, ids=str)
def test_no_placeholder_is_left(today: date) -> None:
    _, notes, tasks, _ = told(today)
    left = [path for path, page in {**notes, **tasks}.items() if re.search(r"\{(d|inv\d+)[+}-]", text(page))]
    assert not left


def test_the_same_day_gives_the_same_bytes() -> None:
    assert told(DAYS[0])[1:] == told(DAYS[0])[1:]


def test_people_recur_in_notes_of_several_kinds() -> None:
    world, notes, _, _ = told(DAYS[0])
    for person in ("Yannis", "Claire", "Oksana", "Priya", "Marco", "Kenji"):
        folders = {path.partition("/")[0] for path, page in notes.items() if person in text(page)}
        assert len(folders) >= 4, (person, folders)
    assert len({one.name for one in world.people.values()}) == 20


def test_an_invoice_is_the_same_in_notes_files_and_money() -> None:
    world, notes, _, files = told(DAYS[0])
    for invoice in world.invoices:
        assert invoice.id in text(notes["money/invoices.md"])
        assert f"{invoice.amount:,}".encode() in files[f"invoices/{invoice.id}.pdf"].data
    assert len({invoice.id for invoice in world.invoices}) == len(world.invoices)


def test_meetings_follow_each_other_and_lie_on_their_weekday() -> None:
    world, _, _, _ = told(DAYS[0])
    for project in world.projects.values():
        days = [meeting.day for meeting in project.meetings]
        assert days == sorted(set(days))
        assert all(first + timedelta(days=3) <= second for first, second in pairwise(days))


def test_other_scripts_tables_code_and_emoji_are_there() -> None:
    everything = "".join(text(page) for page in told(DAYS[0])[1].values())
    for sample in ("領収書", "σπανακόπιτα", "борщ", "حريرة", "发票", "🐙", "é", "ō", "```python", "|---"):
        assert sample in everything


def test_the_words_of_the_tour_are_found() -> None:
    _, notes, _, _ = told(DAYS[0])
    assert "meeting-notes.md" in notes
    assert sum("budget" in text(page) for page in notes.values()) >= 20
    assert sum("invoice" in text(page).lower() for page in notes.values()) >= 15


def test_tasks_are_due_around_today() -> None:
    _, _, tasks, _ = told(DAYS[0])
    due = [
        date.fromisoformat(m[1])
        for page in tasks.values()
        if (m := re.search(r"^due: (\S+)$", text(page), re.M))
    ]
    assert any(day < DAYS[0] for day in due)
    assert any(day == DAYS[0] for day in due)
    assert any(day > DAYS[0] for day in due)
    assert sum(path.startswith("done/") for path in tasks) >= 35


def test_the_spreadsheet_is_one() -> None:
    (page,) = [page for path, page in told(DAYS[0])[3].items() if path.endswith(".xlsx")]
    with zipfile.ZipFile(BytesIO(page.data)) as archive:
        assert archive.testzip() is None
        assert "INV-2026-001" in archive.read("xl/worksheets/sheet1.xml").decode()


def test_the_pictures_and_documents_are_what_they_say() -> None:
    files = told(DAYS[0])[3]
    for path, page in files.items():
        if path.endswith(".png"):
            assert page.data.startswith(b"\x89PNG\r\n\x1a\n")
            start = page.data.index(b"IDAT") + 4
            assert zlib.decompress(page.data[start : page.data.index(b"IEND") - 8])
        if path.endswith(".pdf"):
            assert page.data.startswith(b"%PDF-1.4")
            place = int(page.data.rsplit(b"startxref\n", 1)[1].split()[0])
            assert page.data[place : place + 4] == b"xref"
