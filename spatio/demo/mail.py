"""The demo's mail: a year of threads, invoices, bookings, newsletters, and a few that mean no good.

People, projects, invoices and trips are those of the notes, on the same days.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import datetime, time, timedelta
from html import escape
from typing import Any

from providers.mail.addresses import Address
from providers.mail.compose import File
from spatio.demo.files import invoice_pdf
from spatio.demo.letters import Letter, Mail, Writer, address, quoted
from spatio.demo.pdf import document
from spatio.demo.world import Invoice, Meeting, Project, Trip, World, euros, spoken, stock


def all_mail(world: World, chance: random.Random) -> Iterator[Letter]:
    """Every mail, in no order."""
    writer = Writer(world, chance)
    told = stock("mail")
    for one in told["threads"]:
        yield from _told(writer, one)
    for project in world.projects.values():
        yield from _project(writer, project)
    for invoice in world.invoices:
        yield from _invoice(writer, invoice)
    for trip in world.trips:
        yield from _trip(writer, trip)
    for one in told["newsletters"]:
        yield from _newsletter(writer, one)
    for one in told["notices"]:
        yield from _notices(writer, one)
    for one in told["hostile"]:
        yield _hostile(writer, one)
    yield _draft(writer)


def _told(writer: Writer, one: dict[str, Any]) -> Iterator[Letter]:
    world = writer.world
    day = world.today - timedelta(days=one["days"])
    them = address(world.people[one["with"]]) if one["with"] else Address(one["name"], one["email"])
    mails = [(writer.me if who == "me" else them, world.fill(text, day)) for who, text in one["mails"]]
    yield from writer.thread(
        one["subject"],
        mails,
        writer.hour(day),
        unread=one.get("unread", 0),
        flagged=one.get("flagged", False),
        to=[them] if mails[0][0] is writer.me else (),
        pictures=one.get("pictures", ()),
    )


def _project(writer: Writer, project: Project) -> Iterator[Letter]:
    """An invitation before each meeting, and what was decided after it."""
    lead = project.people[0]
    others = [address(person) for person in project.people[1:] if person.email]
    for meeting in project.meetings:
        if meeting.day >= writer.world.today:
            continue
        yield from writer.thread(
            f"{project.name}: {meeting.title}",
            [
                (writer.me, _invitation(project, meeting)),
                (address(lead), writer.chance.choice(_YES)),
            ],
            writer.hour(meeting.day - timedelta(days=6)),
            to=[address(lead), *others],
        )
        yield from writer.thread(
            f"{meeting.title}: what we decided",
            [(writer.me, _minutes(meeting)), *_actions(writer, project, meeting)],
            writer.hour(meeting.day) + timedelta(hours=2),
            to=[address(lead), *others],
        )


_YES = (
    "That works. See you there.",
    "Good. Half an hour later, if you can; otherwise as you say.",
    "Yes. I bring the numbers.",
    "Fine by me. Is there anything that I should read before?",
)


def _invitation(project: Project, meeting: Meeting) -> str:
    return (
        f"Hello all,\n\nshall we meet on {spoken(meeting.day)} at ten, an hour and a half at most? "
        f'The subject is "{meeting.title}".\n\nIf somebody cannot come, tell me two days before.\n\nNora\n'
        f"({project.name})"
    )


def _minutes(meeting: Meeting) -> str:
    lines = ["Hello all,", "", "in short:", ""]
    lines += [f"- {decision}" for decision in meeting.decisions]
    lines += ["", "To do:", ""]
    lines += [f"- {who}: {what}" for who, what in meeting.actions]
    return "\n".join([*lines, "", "Tell me where I misheard.", "", "Nora"])


def _actions(writer: Writer, project: Project, meeting: Meeting) -> Iterator[tuple[Address, str]]:
    """Somebody who has something to do says that it is done."""
    by_name = {person.first: person for person in project.people if person.email}
    for who, what in meeting.actions:
        if who in by_name:
            yield (
                address(by_name[who]),
                f"Done: {what[0].lower()}{what[1:]}. Tell me if something is missing.",
            )
            return


def _invoice(writer: Writer, invoice: Invoice) -> Iterator[Letter]:
    client = address(invoice.project.people[0])
    at = writer.hour(invoice.issued)
    subject = f"Invoice {invoice.id}: {invoice.what}"
    text = (
        f"Dear {invoice.project.people[0].first},\n\nattached is invoice {invoice.id} for {invoice.what}: "
        f"{euros(invoice.amount)}, to be paid by {spoken(invoice.due)}.\n\nThank you!\nNora"
    )
    file = File(f"{invoice.id}.pdf", invoice_pdf(writer.world, invoice), "application/pdf")
    sent = writer.mail(writer.me, [client], subject, text, at, file)
    yield writer.put(sent)
    if invoice.paid is not None:
        thanks = f"Paid today, {euros(invoice.amount)}. Thank you, Nora.\n\n{quoted(sent, text)}"
        paid = writer.hour(invoice.paid)
        answer = writer.mail(client, [writer.me], f"Re: {subject}", thanks, paid)
        yield writer.put(answer.answering([sent]))
    elif invoice.due < writer.world.today:
        yield from _reminder(writer, invoice, sent, client)


def _reminder(writer: Writer, invoice: Invoice, sent: Mail, client: Address) -> Iterator[Letter]:
    """An open invoice is asked about, and answered with an excuse."""
    late = writer.world.today - invoice.due
    text = (
        f"Dear {invoice.project.people[0].first},\n\n{invoice.id} ({euros(invoice.amount)}) was due on "
        f"{spoken(invoice.due)}. Could you look whether it lies somewhere?\n\nNora"
    )
    asked = writer.hour(invoice.due + late / 2)
    subject = f"Reminder: invoice {invoice.id}"
    reminder = writer.mail(writer.me, [client], subject, text, asked).answering([sent])
    yield writer.put(reminder)
    excuse = writer.mail(
        client,
        [writer.me],
        f"Re: {subject}",
        f"Nora, I am sorry. It lies with the others, and the others lie with me. Could you send {invoice.id} "
        "once more? Then it goes out this week, I promise.",
        writer.hour(min(asked.date() + timedelta(days=2), writer.world.today - timedelta(days=1))),
    )
    yield writer.put(excuse.answering([sent, reminder]), unread=True, flagged=True)


def _trip(writer: Writer, trip: Trip) -> Iterator[Letter]:
    """A booking with its tickets, and one mail from somebody who comes along."""
    if trip.starts > writer.world.today:
        return
    number = f"{writer.chance.randint(100000, 999999)}"
    sender = Address("Wayfarer Travel", "bookings@wayfarer.example")
    nights = (trip.ends - trip.starts).days
    lines = [
        f"Booking {number}",
        f"{trip.name}",
        f"From {spoken(trip.starts)} to {spoken(trip.ends)}, {nights} nights, {len(trip.people) + 1} people",
    ]
    rows = "".join(f"<tr><td>{escape(line)}</td></tr>" for line in lines)
    yield writer.put(
        writer.mail(
            sender,
            [writer.me],
            f"Your booking {number}: {trip.name}",
            "\n".join(lines),
            writer.hour(trip.starts - timedelta(weeks=5)),
            File(f"tickets-{trip.id}.pdf", document(f"Tickets {number}", lines), "application/pdf"),
            html=f"<html><body><table>{rows}</table></body></html>",
        )
    )
    friend = trip.people[0]
    if not friend.email:
        return
    where = trip.name.split(",")[0]
    yield from writer.thread(
        f"{trip.name}: packing",
        [
            (address(friend), f"Do we need boots for {where}? And who has the adapter?"),
            (writer.me, "Boots yes, umbrella no: the wind. I have the adapter, you have the patience."),
        ],
        writer.hour(trip.starts - timedelta(days=4)),
    )


def _newsletter(writer: Writer, one: dict[str, Any]) -> Iterator[Letter]:
    sender = Address(one["name"], one["email"])
    domain = sender.address.rpartition("@")[2]
    today = writer.world.today
    last = today - timedelta(days=(today.weekday() - one["weekday"]) % 7)
    for week in range(26):
        subject, *paragraphs = one["issues"][week % len(one["issues"])]
        number = 40 - week
        headers = f"List-Id: {one['name']} <{one['list']}>\r\nList-Unsubscribe: <mailto:leave@{domain}>\r\n"
        link = f"https://{domain}/{number}"
        body = "".join(f"<p>{escape(part)}</p>" for part in paragraphs if part)
        mail = writer.mail(
            sender,
            [writer.me],
            f"{one['name']} {number}: {subject}",
            "\n\n".join([part for part in paragraphs if part]),
            datetime.combine(last - timedelta(weeks=2 * week), time(6, 30)).astimezone(),
            html=f'<html><body><h1>{escape(subject)}</h1>{body}<p><a href="{link}">read on</a></p>'
            f'<img src="{link}/open.gif" width="1" height="1"></body></html>',
            headers=headers,
        )
        yield writer.put(mail, unread=week < 2)


def _notices(writer: Writer, one: dict[str, Any]) -> Iterator[Letter]:
    sender = Address(one["name"], one["email"])
    automatic = "Auto-Submitted: auto-generated\r\n"
    for days in one["days"]:
        at = writer.hour(writer.world.today - timedelta(days=days))
        mail = writer.mail(sender, [writer.me], one["subject"], one["text"], at, headers=automatic)
        yield writer.put(mail, unread=days < 5)


def _hostile(writer: Writer, one: dict[str, Any]) -> Letter:
    """Written by hand, byte by byte: no library would let such headers through."""
    at = writer.hour(writer.world.today - timedelta(days=one["days"]))
    head = [
        f"From: {one['from']}",
        f"To: {writer.me}",
        f"Subject: {one['subject']}",
        f"Date: {at:%a, %d %b %Y %H:%M:%S %z}",
        f"Message-ID: <{at:%Y%m%d%H%M}@hostile.invalid>",
        "MIME-Version: 1.0",
    ]
    kind, body = ("html", one["html"]) if "html" in one else ("plain", one["text"])
    part = [f"Content-Type: text/{kind}; charset=utf-8", "Content-Transfer-Encoding: 8bit", "", body]
    if "attachment" in one:
        name, text = one["attachment"]
        head.append('Content-Type: multipart/mixed; boundary="zz"')
        attached = [
            "Content-Type: text/plain",
            f'Content-Disposition: attachment; filename="{name}"',
            "",
            text,
        ]
        lines = [*head, "", "--zz", *part, "--zz", *attached, "--zz--", ""]
    else:
        lines = [*head, *part, ""]
    data = "\r\n".join("\r\n".join(lines).splitlines()).encode() + b"\r\n"
    return Letter(one["folder"], at, data, unread=one.get("unread", False))


def _draft(writer: Writer) -> Letter:
    at = writer.hour(writer.world.today - timedelta(days=1))
    text = (
        "Dear Ms Oosterhuis,\n\nthank you for your mail. I would like to see the corridor, preferably at the "
        "worst hour of the day.\n\nFor a first study I would propose "
    )
    to = Address("Margriet Oosterhuis", "m.oosterhuis@stjans-hospital.example")
    mail = writer.mail(writer.me, [to], "Re: Inquiry: wayfinding for a hospital", text, at)
    return writer.put(mail, folder="drafts")
