"""Phrases made from templates, each with a meaning that is computed here without the grammar."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
NUMBERS = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
]

NOWS = [
    datetime(2026, 11, 18, 9, 30, tzinfo=ZoneInfo("Europe/Helsinki")),
    datetime(2026, 12, 30, 22, 15, tzinfo=ZoneInfo("America/New_York")),
    datetime(2027, 3, 26, 14, 5, tzinfo=ZoneInfo("Europe/Berlin")),
    datetime(2028, 2, 28, 23, 50, tzinfo=ZoneInfo("UTC")),
    datetime(2027, 10, 30, 7, 0, tzinfo=ZoneInfo("Europe/London")),
    datetime(2027, 8, 1, 0, 0, tzinfo=ZoneInfo("Australia/Sydney")),
    datetime(2026, 7, 31, 12, 0, tzinfo=ZoneInfo("Asia/Kolkata")),
]


class Said(NamedTuple):
    """A phrase and what it means."""

    text: str
    start: date | datetime
    end: date | datetime | None = None


def in_words(number: int) -> str:
    """A number up to ninety-nine."""
    if number < 20:
        return NUMBERS[number]
    tens = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"][number // 10 - 2]
    return tens if number % 10 == 0 else f"{tens}-{NUMBERS[number % 10]}"


def ordinal(number: int) -> str:
    ends = {1: "st", 2: "nd", 3: "rd"}
    return f"{number}{'th' if number in (11, 12, 13) else ends.get(number % 10, 'th')}"


def months_on(day: date, months: int) -> date:
    count = day.year * 12 + day.month - 1 + months
    year, month = count // 12, count % 12 + 1
    last = (date(year + month // 12, month % 12 + 1, 1) - timedelta(1)).day
    return date(year, month, min(day.day, last))


def relative_days(now: datetime, chance: random.Random) -> Iterator[Said]:
    today = now.date()
    for word, step in (
        ("today", 0),
        ("tomorrow", 1),
        ("yesterday", -1),
        ("tmrw", 1),
        ("Day after tomorrow", 2),
        ("the day before yesterday", -2),
    ):
        yield Said(word, today + timedelta(step))
    count = chance.randint(2, 99)
    for number in (str(count), in_words(count), in_words(count).replace("-", " ")):
        yield Said(f"in {number} days", today + timedelta(count))
        yield Said(f"{number} days from now", today + timedelta(count))
        yield Said(f"{number} days ago", today - timedelta(count))
        yield Said(f"in {number} weeks", today + timedelta(7 * count))
        yield Said(f"in {number} months", months_on(today, count))
        yield Said(f"{number} months ago", months_on(today, -count))
        yield Said(f"in {number} years", months_on(today, 12 * count))
    yield Said("a fortnight from today", today + timedelta(14))
    yield Said("a week from tomorrow", today + timedelta(8))
    yield Said("two days after tomorrow", today + timedelta(3))
    yield Said(f"+{count}d", today + timedelta(count))
    yield Said(f"-{count}w", today - timedelta(7 * count))


def weekdays(now: datetime, chance: random.Random) -> Iterator[Said]:
    today = now.date()
    monday = today - timedelta(today.weekday())
    for number, name in enumerate(DAYS):
        coming = today + timedelta((number - today.weekday() - 1) % 7 + 1)
        if number != today.weekday():
            for text in (
                name,
                f"on {name}",
                f"coming {name}",
                name[:3],
                name[:3].upper(),
                f"this coming {name}",
            ):
                yield Said(text, coming)
        yield Said(f"{name} next week", monday + timedelta(7 + number))
        yield Said(f"next week on {name}", monday + timedelta(7 + number))
        yield Said(f"{name} of next week", monday + timedelta(7 + number))
        yield Said(f"{name} last week", monday + timedelta(number - 7))
        yield (
            Said(f"a week from {name}", coming + timedelta(7))
            if number != today.weekday()
            else Said("today", today)
        )
        if coming >= monday + timedelta(7) and (coming - today).days > 1:
            yield Said(f"next {name}", coming)
        if monday + timedelta(number) >= today:
            yield Said(f"this {name}", monday + timedelta(number))


def written_days(now: datetime, chance: random.Random) -> Iterator[Said]:
    day = now.date() + timedelta(chance.randint(1, 330))
    month, short, nth = MONTHS[day.month - 1], MONTHS[day.month - 1][:3], ordinal(day.day)
    for text in (
        f"{month} {day.day}",
        f"{day.day} {month}",
        f"{short} {nth}",
        f"the {nth} of {month}",
        f"{nth} {short}",
        f"on {day.day} {short.lower()}",
        f"{short.upper()} {day.day}",
        f"{DAYS[day.weekday()]} {day.day} {month}",
        f"{DAYS[day.weekday()][:3]}, {short} {day.day}",
        f"{day.day}.{day.month}.",
    ):
        yield Said(text, day)
    far = date(chance.randint(2000, 2099), chance.randint(1, 12), chance.randint(13, 28))
    month, short, nth = MONTHS[far.month - 1], MONTHS[far.month - 1][:3], ordinal(far.day)
    week = far.isocalendar()
    for text in (
        f"{month} {far.day} {far.year}",
        f"{far.day} {month} {far.year}",
        f"{month} {nth}, {far.year}",
        f"{nth} of {month} {far.year}",
        far.isoformat(),
        f"on {far.isoformat()}",
        f"{far.day}.{far.month}.{far.year}",
        f"{far.month}/{far.day}/{far.year}",
        f"{far.day}/{far.month}/{far.year}",
        f"{far:%Y/%m/%d}",
        f"{far:%Y%m%d}",
        f"{far.day}-{short}-{far.year}",
        f"{DAYS[far.weekday()]}, {month} {far.day}, {far.year}",
        f"{far:%Y}-{far:%j}",
        f"{week.year}-W{week.week:02}-{week.weekday}",
        f"{short}. {far.day}, {far.year}",
    ):
        yield Said(text, far)
    yield Said(f"next year on {far.day} {month}", date(now.year + 1, far.month, far.day))
    yield Said(f"{month} {far.day} next year", date(now.year + 1, far.month, far.day))


def days(now: datetime, chance: random.Random) -> list[Said]:
    """Phrases for one day each."""
    return [*relative_days(now, chance), *weekdays(now, chance), *written_days(now, chance)]


def clocks(chance: random.Random) -> list[tuple[str, time]]:
    """Phrases for times of day, none of which can be meant twelve hours later."""
    hour, minute = chance.randint(0, 23), chance.randint(0, 59)
    half = f"{(hour - 1) % 12 + 1}"
    meridiem = "am" if hour < 12 else "pm"
    exact, whole = time(hour, minute), time(hour)
    part = "in the morning" if hour < 12 else "in the afternoon" if hour < 18 else "in the evening"
    return [
        (f"{hour:02}:{minute:02}", exact) if hour not in (10, 11, 12) else ("13:37", time(13, 37)),
        (f"{half}:{minute:02}{meridiem}", exact),
        (f"{half}:{minute:02} {meridiem.upper()}", exact),
        (f"{half}.{minute:02}{meridiem}", exact),
        (f"{half}{meridiem}", whole),
        (f"{half} {meridiem}", whole),
        (f"{half} {meridiem[0]}.m.", whole),
        (f"{in_words(int(half))} {meridiem}", whole),
        (f"half past {half} {meridiem}", time(hour, 30)),
        (f"quarter past {half}{meridiem}", time(hour, 15)),
        (f"quarter to {half} {meridiem}", time((hour - 1) % 24, 45)),
        (f"twenty past {in_words(int(half))} {meridiem}", time(hour, 20)),
        (f"{half} o'clock {part}", whole) if 1 <= hour <= 22 else ("noon", time(12)),
        ("noon", time(12)),
        ("midday", time(12)),
        (f"{hour:02}{minute:02}h", exact),
    ]


def moments(now: datetime, chance: random.Random) -> Iterator[Said]:
    """Phrases for moments: a day and a time in every order, and what is counted from now."""
    for said in chance.sample(days(now, chance), 12):
        for clock, at in clocks(chance):
            wall = datetime.combine(said.start, at)
            if not certain(wall, now):
                continue
            start = wall.replace(tzinfo=now.tzinfo)
            for text in (f"{said.text} at {clock}", f"{clock} {said.text}", f"at {clock}, {said.text}"):
                if chance.random() < 0.5 and said.text[0] not in "+-0123456789":
                    yield Said(text, start)
            yield Said(f"{said.text} at {clock}", start)
    count = chance.randint(2, 99)
    for unit, seconds in (("hours", 3600), ("minutes", 60), ("hrs", 3600), ("mins", 60)):
        apart = timedelta(seconds=count * seconds)
        for text, sign in (
            (f"in {count} {unit}", 1),
            (f"{in_words(count)} {unit} from now", 1),
            (f"{count} {unit} ago", -1),
            (f"in {in_words(count)} {unit}", 1),
        ):
            yield Said(text, (now.astimezone(UTC) + sign * apart).astimezone(now.tzinfo))


def ranges(now: datetime, chance: random.Random) -> Iterator[Said]:
    """Phrases for the time between two moments."""
    chosen = [said for said in days(now, chance) if said.text[0] not in "+-" and not said.text[-1].isdigit()]
    for said in chance.sample(chosen, 8):
        first = chance.randint(0, 21)
        last = chance.randint(first + 1, 23)
        minute = chance.choice((0, 15, 30))
        begins, ends = (datetime.combine(said.start, time(hour, minute)) for hour in (first, last))
        if not certain(begins, now) or not certain(ends, now):
            continue
        start, end = begins.replace(tzinfo=now.tzinfo), ends.replace(tzinfo=now.tzinfo)
        full = [f"{(hour - 1) % 12 + 1}:{minute:02}{'am' if hour < 12 else 'pm'}" for hour in (first, last)]
        for left, right in (full, [f"{first:02}:{minute:02}", f"{last:02}:{minute:02}"]):
            if ":" in left and not left.endswith("m") and (first in (10, 11, 12) or last in (10, 11, 12)):
                continue
            for text in (
                f"{left} to {right}",
                f"from {left} to {right}",
                f"{left}-{right}",
                f"{left} – {right}",
                f"between {left} and {right}",
                f"{left} until {right}",
                f"{left} till {right}",
            ):
                yield Said(f"{said.text} {text}", start, end)
                yield Said(f"{text} {said.text}", start, end)
        exact = (start.astimezone(UTC) + timedelta(hours=last - first)).astimezone(now.tzinfo)
        yield Said(f"{said.text} at {full[0]} for {last - first} hours", start, exact)


def day_ranges(now: datetime, chance: random.Random) -> Iterator[Said]:
    """Phrases for several days, both ends included."""
    first = now.date() + timedelta(chance.randint(1, 300))
    first = (
        first.replace(day=min(first.day, 20)) if first.replace(day=min(first.day, 20)) > now.date() else first
    )
    last = first + timedelta(chance.randint(1, 8))
    names = [f"{MONTHS[day.month - 1]} {day.day}" for day in (first, last)]
    for text in (
        f"{names[0]} to {names[1]}",
        f"from {names[0]} to {names[1]}",
        f"{names[0]} - {names[1]}",
        f"{names[0]} {first.year} to {names[1]} {last.year}",
        f"{first} to {last}",
        f"{first}/{last}",
        f"{names[0]} until {names[1]}",
        f"between {names[0]} and {names[1]}",
    ):
        yield Said(text, first, last)
    if first.month == last.month:
        month = MONTHS[first.month - 1]
        for text in (
            f"{first.day}-{last.day} {month}",
            f"{first.day} to {last.day} {month}",
            f"{month} {first.day}-{last.day}",
            f"{month} {first.day}-{last.day}, {first.year}",
            f"{ordinal(first.day)} to {ordinal(last.day)} {month}",
        ):
            yield Said(text, first, last)


def certain(wall: datetime, now: datetime) -> bool:
    """Whether a clock shows `wall` exactly once where `now` is."""
    both = [wall.replace(tzinfo=now.tzinfo, fold=fold) for fold in (0, 1)]
    return both[0].utcoffset() == both[1].utcoffset()
