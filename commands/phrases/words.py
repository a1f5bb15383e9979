"""The words that dates are said with: each in one table, so that any other word is known to be unknown."""

from __future__ import annotations

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

MONTHS = (
    "january", "february", "march", "april", "may", "june",
    "july", "august", "september", "october", "november", "december",
)  # fmt: skip

WEEKDAYS = {name: number for number, name in enumerate(DAYS)} | {
    "mon": 0, "tue": 1, "tues": 1, "wed": 2, "weds": 2, "thu": 3, "thur": 3, "thurs": 3, "fri": 4,
    "sat": 5, "sun": 6,
}  # fmt: skip

PLURAL_WEEKDAYS = {f"{name}s": number for number, name in enumerate(DAYS)}

MONTH_NUMBERS = {name: number for number, name in enumerate(MONTHS, 1)} | {
    "jan": 1, "feb": 2, "mar": 3, "apr": 4, "jun": 6, "jul": 7, "aug": 8, "sep": 9, "sept": 9, "oct": 10,
    "nov": 11,
    "dec": 12,
}  # fmt: skip

SMALL = {
    "zero": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8,
    "nine": 9,
    "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16,
    "seventeen": 17, "eighteen": 18, "nineteen": 19,
}  # fmt: skip

TENS = {
    "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80,
    "ninety": 90,
}  # fmt: skip

SMALL_ORDINALS = {
    "first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7, "eighth": 8,
    "ninth": 9,
    "tenth": 10, "eleventh": 11, "twelfth": 12, "thirteenth": 13, "fourteenth": 14, "fifteenth": 15,
    "sixteenth": 16,
    "seventeenth": 17, "eighteenth": 18, "nineteenth": 19,
}  # fmt: skip

TENS_ORDINALS = {"twentieth": 20, "thirtieth": 30}

UNITS = {
    "s": "second", "sec": "second", "secs": "second", "second": "second", "seconds": "second",
    "m": "minute", "min": "minute", "mins": "minute", "minute": "minute", "minutes": "minute",
    "h": "hour", "hr": "hour", "hrs": "hour", "hour": "hour", "hours": "hour",
    "d": "day", "day": "day", "days": "day",
    "w": "week", "wk": "week", "wks": "week", "week": "week", "weeks": "week",
    "fortnight": "fortnight", "fortnights": "fortnight",
    "mo": "month", "mos": "month", "mth": "month", "mths": "month", "month": "month", "months": "month",
    "quarter": "quarter", "quarters": "quarter",
    "y": "year", "yr": "year", "yrs": "year", "year": "year", "years": "year",
    "decade": "decade", "decades": "decade",
    "weekday": "workday", "weekdays": "workday", "workday": "workday", "workdays": "workday",
}  # fmt: skip

TODAY = {
    "today": 0, "tod": 0, "tomorrow": 1, "tmrw": 1, "tmr": 1, "tmw": 1, "tomo": 1, "2moro": 1, "2morrow": 1,
    "yesterday": -1, "yday": -1,
}  # fmt: skip

PARTS = {
    "morning": (6, 12), "mornings": (6, 12), "forenoon": (6, 12), "afternoon": (13, 18),
    "afternoons": (13, 18),
    "evening": (18, 22), "evenings": (18, 22), "night": (20, 24), "nights": (20, 24), "tonight": (20, 24),
    "tonite": (20, 24),
}  # fmt: skip
"""Parts of the day: the first hour, and the one that ends it."""

FIXED_FEASTS = {
    "christmas": (12, 25), "xmas": (12, 25), "christmas day": (12, 25), "xmas day": (12, 25),
    "christmas eve": (12, 24), "xmas eve": (12, 24), "boxing day": (12, 26),
    "new year": (1, 1), "new years": (1, 1), "new year's": (1, 1), "new year's day": (1, 1),
    "new years day": (1, 1),
    "new year's eve": (12, 31), "new years eve": (12, 31), "nye": (12, 31),
    "halloween": (10, 31), "valentine's day": (2, 14), "valentines day": (2, 14),
    "april fools day": (4, 1), "april fools' day": (4, 1), "may day": (5, 1),
    "st patrick's day": (3, 17), "st patricks day": (3, 17),
}  # fmt: skip

MOVABLE_FEASTS = {
    "easter": 0, "easter sunday": 0, "easter day": 0, "easter monday": 1, "good friday": -2,
    "whit monday": 50,
    "ascension day": 39, "pentecost": 49,
}  # fmt: skip
"""Days from Easter Sunday of the western churches."""

RANGE_WORDS = ("to", "until", "till", "til", "through", "thru", "-")

_GRAMMAR = """
a after ago all alternate alternating am an and annually another around as at before beginning between
bimonthly biweekly business but by close cob coming couple current daily date day during each end ending
ends eod eom eoq eow eoy eve every except excluding first following for fortnightly from gmt half hence
hourly hours hundred in inclusive it last lasting later mid midday middle midnight month monthly next noon
not now o o'clock occurrence occurrences oclock of oh on once other p past per pm previous prior q quarter
quarterly right same semiweekly sharp since st start starting starts the this time times today twice until
up upcoming utc week weekday weekend weekends weekly within working year yearly z
"""

KNOWN = frozenset(
    set(_GRAMMAR.split())
    | set(WEEKDAYS) | set(PLURAL_WEEKDAYS) | set(MONTH_NUMBERS) | set(SMALL) | set(TENS) | set(SMALL_ORDINALS)
    | set(TENS_ORDINALS) | set(UNITS) | set(TODAY) | set(PARTS) | set(RANGE_WORDS)
    | {word for name in (*FIXED_FEASTS, *MOVABLE_FEASTS) for word in name.split()}
)  # fmt: skip
"""Every word that may stand somewhere in a phrase; zones' names have their own table."""
