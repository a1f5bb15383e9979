"""The demo's notes: meetings, projects, people, recipes, books and single pages."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from itertools import pairwise
from typing import NamedTuple

from spatio.demo.world import Invoice, Meeting, Person, Project, World, euros, slug, spoken, stock


class Page(NamedTuple):
    """A file of the demo: its path below the mount, its bytes, and the day of its last change."""

    path: str
    data: bytes
    day: date


def note(path: str, text: str, day: date, *, title: str = "", tags: Sequence[str] = ()) -> Page:
    """A note with its front matter."""
    head = [f'title: "{title}"' if ":" in title else f"title: {title}"] if title else []
    head += [f"tags: [{', '.join(tags)}]"] if tags else []
    front = "---\n" + "\n".join(head) + "\n---\n" if head else ""
    return Page(path, (front + text.strip("\n") + "\n").encode(), day)


def all_notes(world: World, chance: random.Random) -> Iterator[Page]:
    """Every note but the diary."""
    yield _running_notes(world)
    yield _invoice_list(world)
    yield _year_budget(world)
    for project in world.projects.values():
        yield from _project_pages(world, project)
        for meeting in project.meetings:
            yield _meeting(world, meeting)
        for before, after in pairwise(project.meetings):
            yield from _check_ins(world, project, before, after, chance)
    for person in world.people.values():
        yield _person(world, person)
    yield from _books(world)
    yield from _recipes(world)
    for page in stock("pages")["pages"]:
        day = world.today - timedelta(weeks=page["weeks"])
        text = world.fill(page["text"], day)
        yield note(page["path"], text, day, tags=page["tags"])


def _told(meeting: Meeting) -> str:
    lines = [f"- {sentence}" for sentence in meeting.talk]
    if meeting.decisions:
        lines += ["", "**Decided**", "", *(f"- {decision}" for decision in meeting.decisions)]
    lines += ["", "**To do**", "", *(f"- [ ] {who}: {what}" for who, what in meeting.actions)]
    return "\n".join(lines)


def _meeting(world: World, meeting: Meeting) -> Page:
    project = world.projects[meeting.project]
    present = ", ".join(person.name for person in project.people[:3])
    text = f"# {project.name}: {meeting.title}\n\n{spoken(meeting.day)}, with {present}.\n\n{_told(meeting)}"
    return note(
        f"meetings/{meeting.day}-{project.id}-{slug(meeting.title)}.md",
        text,
        meeting.day,
        title=f"{project.name}: {meeting.title}",
        tags=["meeting", project.id],
    )


_DONE = ("done", "done, with a question", "done and sent round", "done, better than asked for")
_HALF = ("half done; the rest by {d}", "begun, waiting for an answer", "in the works, {d} at the latest")
_NOT = ("not begun, moved to {d}", "forgotten, said so; now {d}", "waits for somebody else")


def _check_ins(
    world: World, project: Project, before: Meeting, after: Meeting, chance: random.Random
) -> Iterator[Page]:
    """Short calls between two meetings, about what the first had left to do."""
    open_actions = list(before.actions)
    day = before.day + timedelta(days=9)
    while open_actions and (after.day - day).days > 4 and (day - before.day).days < 24:
        lines, still = [], []
        for who, what in open_actions:
            how = chance.choice((*_DONE, *_DONE, *_HALF, *_NOT))
            if how not in _DONE:
                still.append((who, what))
            mark = "x" if how in _DONE else " "
            lines.append(f"- [{mark}] {who}: {what} ({world.fill(how, day + timedelta(days=7))})")
        person = chance.choice(project.people)
        text = (
            f"# {project.name}: call with {person.first}\n\n{spoken(day)}, a quarter of an hour, "
            f"after '{before.title.lower()}'.\n\n" + "\n".join(lines)
        )
        yield note(
            f"meetings/{day}-{project.id}-call-{slug(person.first)}.md",
            text,
            day,
            title=f"{project.name}: call with {person.first}",
            tags=["call", project.id],
        )
        open_actions, day = still, day + timedelta(days=7)


def _running_notes(world: World) -> Page:
    """The note on top: the latest meetings, what is open, what has to be paid."""
    recent = sorted(
        (meeting for project in world.projects.values() for meeting in project.meetings),
        key=lambda meeting: (meeting.day, meeting.project),
    )[-4:]
    parts = [
        "# Meeting notes",
        "",
        "The running page: what was said last, newest first. Older ones are in meetings/.",
    ]
    for meeting in reversed(recent):
        project = world.projects[meeting.project]
        parts += ["", f"## {project.name}: {meeting.title} ({spoken(meeting.day)})", "", _told(meeting)]
    unpaid = [invoice for invoice in world.invoices if invoice.paid is None]
    parts += ["", "## Money to talk about", ""]
    parts += [_unpaid_line(world, invoice) for invoice in unpaid]
    parts += ["", "## Budget at a glance", "", *_budget_table(world)]
    return note("meeting-notes.md", "\n".join(parts), world.today, tags=["meeting"])


def _unpaid_line(world: World, invoice: Invoice) -> str:
    late = (world.today - invoice.due).days
    when = f"{late} days over" if late > 0 else f"due {spoken(invoice.due)}"
    client = invoice.project.client
    return f"- invoice {invoice.id} to {client}, {invoice.what}, {euros(invoice.amount)}: {when}"


def _budget_table(world: World) -> Sequence[str]:
    rows = ["| project | budget | spent | left |", "|---------|-------:|------:|-----:|"]
    for project in world.projects.values():
        left = project.budget - project.spent
        rows.append(f"| {project.name} | {project.budget:,} | {project.spent:,} | {left:,} |")
    return rows


def _invoice_list(world: World) -> Page:
    rows = [
        "# Invoices",
        "",
        "| invoice | client | what | euros | sent | paid |",
        "|---|---|---|---:|---|---|",
    ]
    for one in world.invoices:
        paid = str(one.paid) if one.paid else ("OVERDUE" if one.due < world.today else "open")
        rows.append(
            f"| {one.id} | {one.project.client} | {one.what} | {one.amount:,} | {one.issued} | {paid} |"
        )
    waiting = sum(one.amount for one in world.invoices if one.paid is None)
    rows += ["", f"Open in all: {euros(waiting)}. PDF files are in /files/invoices."]
    return note(
        "money/invoices.md", "\n".join(rows), world.today - timedelta(days=2), tags=["money", "invoice"]
    )


def _year_budget(world: World) -> Page:
    text = "\n".join(
        [
            "# Budget of the year", "", *_budget_table(world), "",
            "Household, a month:", "",
            "| what | planned | spent |", "|------|--------:|------:|",
            "| food and market | 620 | 655 |", "| house and energy | 480 | 431 |",
            "| trains and bicycle | 190 | 174 |", "| climbing, choir, cinema | 110 | 128 |",
            "| presents | 60 | 84 |", "",
            "The attic eats what the insulation saves, for another four years.",
        ]
    )  # fmt: skip
    return note("money/budget.md", text, world.today - timedelta(days=9), tags=["money", "budget"])


def _project_pages(world: World, project: Project) -> Iterator[Page]:
    folder = f"projects/{project.id}"
    people = "\n".join(f"- {person.name}, {person.role}" for person in project.people)
    goals = "\n".join(f"{at}. {goal}" for at, goal in enumerate(project.goals, 1))
    client = f"For {project.client}. " if project.client else ""
    brief = (
        f"# {project.name}\n\n{client}{project.summary}\n\n## Goals\n\n{goals}\n\n## People\n\n{people}\n\n"
        f"Begins {spoken(project.starts)}, ends {spoken(project.ends)}. Budget {euros(project.budget)}."
    )
    yield note(f"{folder}/brief.md", brief, project.starts, title=project.name, tags=["project", project.id])
    yield note(f"{folder}/budget.md", _project_budget(world, project), world.today - timedelta(days=4))
    decided = [
        f"- {meeting.day}: {decision} ({meeting.title.lower()})"
        for meeting in project.meetings
        for decision in meeting.decisions
    ]
    last = project.meetings[-1].day
    yield note(f"{folder}/decisions.md", f"# {project.name}: decisions\n\n" + "\n".join(decided), last)
    dates = [f"| {meeting.day} | {meeting.title} |" for meeting in project.meetings]
    table = "\n".join(["| day | what |", "|-----|------|", *dates, f"| {project.ends} | end |"])
    yield note(f"{folder}/timeline.md", f"# {project.name}: timeline\n\n{table}", last)
    if project.ends < world.today:
        yield note(f"{folder}/looking-back.md", _looking_back(project), project.ends)


def _project_budget(world: World, project: Project) -> str:
    lines = [f"# {project.name}: budget", ""]
    share = round(100 * project.spent / project.budget)
    lines.append(f"Spent {euros(project.spent)} of {euros(project.budget)}, that is {share} %.")
    billed = [invoice for invoice in world.invoices if invoice.project.id == project.id]
    if billed:
        lines += ["", "| invoice | what | euros | state |", "|---|---|---:|---|"]
        for one in billed:
            lines.append(f"| {one.id} | {one.what} | {one.amount:,} | {'paid' if one.paid else 'open'} |")
        rest = project.budget - sum(one.amount for one in billed)
        lines += ["", f"Still to be billed: {euros(rest)}." if rest > 0 else "Everything has been billed."]
    return "\n".join(lines)


def _looking_back(project: Project) -> str:
    over = project.spent - project.budget
    money = f"{euros(over)} over the budget" if over > 0 else f"{euros(-over)} below the budget"
    learned = [meeting.talk[0] for meeting in project.meetings[-3:]]
    return (
        f"# {project.name}: looking back\n\nFinished {money}. What I want to remember:\n\n"
        + "\n".join(f"- {sentence}" for sentence in learned)
        + f"\n\nWould work with {project.people[0].name} again, tomorrow."
    )


def _person(world: World, person: Person) -> Page:
    lines = [f"# {person.name}", "", f"{person.role[:1].upper()}{person.role[1:]}.", ""]
    if person.email:
        lines.append(f"- mail: {person.email}")
    if person.birthday:
        month, day = map(int, person.birthday.split("-"))
        lines.append(f"- birthday: {day} {date(2000, month, 1):%B}")
    shared = [one for one in world.projects.values() if person in one.people]
    lines += [f"- project: {one.name} (projects/{one.id})" for one in shared]
    lines += [f"- trip: {one.name}, {one.starts}" for one in world.trips if person in one.people]
    lines += ["", person.about]
    return note(
        f"people/{slug(person.name.partition(' (')[0])}.md",
        "\n".join(lines),
        world.today - timedelta(days=30 + 7 * len(person.id)),
        title=person.name,
        tags=["person", person.circle.split()[0]],
    )


def _books(world: World) -> Iterator[Page]:
    books = stock("reading")["books"]
    for at, book in enumerate(books):
        day = world.today - timedelta(days=12 + 17 * at)
        stars = "★" * book["rating"] + "☆" * (5 - book["rating"])
        text = f"# {book['title']}\n\n{book['author']} · {stars} · finished {day}\n\n"
        text += "\n".join(f"- {line}" for line in book["notes"])
        name = slug(book["title"]) or book["title"].split()[0]
        yield note(f"reading/{name}.md", text, day, title=book["title"], tags=["reading"])
    rows = [f"- {book['title']}, {book['author']} ({book['rating']}/5)" for book in books]
    yield note("reading-list.md", "# Read this year\n\n" + "\n".join(rows), world.today - timedelta(days=12))


def _recipes(world: World) -> Iterator[Page]:
    for at, recipe in enumerate(stock("recipes")["recipes"]):
        day = world.today - timedelta(days=20 + 21 * at)
        ingredients = "\n".join(f"- {one}" for one in recipe["ingredients"])
        steps = "\n".join(f"{number}. {step}" for number, step in enumerate(recipe["steps"], 1))
        text = (
            f"# {recipe['title']}\n\nFrom {recipe['from']}. "
            f"For {recipe['serves']}, {recipe['minutes']} minutes.\n\n"
            f"## Ingredients\n\n{ingredients}\n\n## Method\n\n{steps}"
        )
        yield note(f"recipes/{recipe['name']}.md", text, day, title=recipe["title"], tags=["recipe"])
