"""seq: numbers from one to another."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from itertools import islice

from commands.command import Arguments, Command, Complete, Context, Example, Usage, operand, option, switch
from commands.stream import Io, to_bytes
from commands.text import floats
from vfs.drive import breathe

_FORMAT = re.compile(r"((?:[^%]|%%)*)%([-+ 0#']*)(\d*)(?:\.(\d+))?([aeEfFgG])((?:[^%]|%%)*)\Z", re.DOTALL)
_BATCH = 8192
_ONE = Decimal(1)


class Args(Arguments):
    numbers: list[str] = operand(
        "[FIRST [STEP]] LAST", many=True, help="from 1, by 1, unless given", complete=Complete.NOTHING
    )
    separator: str = option(
        "-s", "--separator", default="\n", metavar="TEXT", help="between numbers (newline)"
    )
    format: str | None = option("-f", "--format", metavar="FORMAT", help="as printf's %e %f %g")
    equal_width: bool = switch("-w", "--equal-width", help="fill up with zeros to equal width")


async def run(ctx: Context, args: Args, io: Io) -> int:
    if len(args.numbers) > 3:
        raise Usage(f"extra operand '{args.numbers[3]}'")
    if args.format is not None and args.equal_width:
        raise Usage("-f and -w do not go together")
    numbers = [_number(word) for word in args.numbers]
    last = numbers[-1]
    first = numbers[0] if len(numbers) > 1 else _ONE
    step = numbers[1] if len(numbers) == 3 else _ONE
    if not step:
        raise Usage(f"the step must not be zero: '{args.numbers[1]}'")
    places = max(_places(number) for number in (first, step))
    texts = _texts(first, step, last, places, args)
    separator = to_bytes(args.separator)
    written = False
    while batch := list(islice(texts, _BATCH)):
        lead = separator if written else b""
        await io.stdout.write(lead + separator.join([to_bytes(text) for text in batch]))
        written = True
        await breathe()
    if written:
        await io.stdout.write(b"\n")
    return 0


def _number(word: str) -> Decimal:
    try:
        number = Decimal(word.strip())
    except InvalidOperation:
        taken, length = floats.read(word)
        if length != len(word) or taken.name:
            raise Usage(f"invalid floating point argument: '{word}'") from None
        number = Decimal(taken.mantissa) * Decimal(2) ** taken.exponent * (-1 if taken.negative else 1)
        number = number.to_integral_value() if number == number.to_integral_value() else number
    if number.is_nan():
        raise Usage(f"invalid 'not-a-number' argument: '{word}'")
    return number


def _places(number: Decimal) -> int:
    exponent = number.as_tuple().exponent
    return max(-exponent, 0) if isinstance(exponent, int) else 0


def _texts(first: Decimal, step: Decimal, last: Decimal, places: int, args: Args) -> Iterator[str]:
    """The numbers as they are printed, computed as whole multiples of the last decimal place."""
    if not first.is_finite() or not step.is_finite():
        raise Usage("FIRST and STEP must be finite")
    scale = 10**places
    start, by = int(first * scale), int(step * scale)
    stop = (
        None
        if not last.is_finite()
        else int((last * scale).to_integral_value("ROUND_FLOOR" if by > 0 else "ROUND_CEILING"))
    )
    values = _values(start, by, stop, bool(last > 0))
    if args.format is not None:
        return _formatted(values, places, args.format)
    if args.equal_width:
        ends = [start, start if stop is None else stop]
        width = max(len(_text(value, places)) for value in ends)
        width = max(width, len(_text(_last(start, by, stop), places)) if stop is not None else 0)
        return (_filled(_text(value, places), width) for value in values)
    return (_text(value, places) for value in values) if places else map(str, values)


def _last(start: int, by: int, stop: int) -> int:
    return start + (stop - start) // by * by if (stop - start) // by >= 0 else start


def _values(start: int, by: int, stop: int | None, upward: bool) -> Iterator[int]:
    if stop is not None:
        return iter(range(start, stop + (1 if by > 0 else -1), by))
    return _forever(start, by) if upward is (by > 0) else iter(())


def _forever(value: int, by: int) -> Iterator[int]:
    while True:
        yield value
        value += by


def _text(value: int, places: int) -> str:
    if not places:
        return str(value)
    digits = str(abs(value)).rjust(places + 1, "0")
    return f"{'-' if value < 0 else ''}{digits[:-places]}.{digits[-places:]}"


def _filled(text: str, width: int) -> str:
    return "-" + text[1:].rjust(width - 1, "0") if text[0] == "-" else text.rjust(width, "0")


def _formatted(values: Iterator[int], places: int, form: str) -> Iterator[str]:
    found = _FORMAT.match(form)
    if found is None:
        raise Usage(f"format '{form}' must have one % directive of %e %f %g %a")
    before, flags, width_text, precision, letter, after = found.groups()
    before, after = before.replace("%%", "%"), after.replace("%%", "%")
    width = min(int(width_text or 0), 1 << 16)
    digits = None if precision is None else int(precision[:5])
    for value in values:
        number, _ = floats.read(_text(value, places))
        sign = "-" if number.negative else "+" if "+" in flags else " " if " " in flags else ""
        text = floats.formatted(number, letter, digits, alternative="#" in flags)
        if "-" in flags:
            shown = (sign + text).ljust(width)
        elif "0" in flags:
            shown = sign + text.rjust(width - len(sign), "0")
        else:
            shown = (sign + text).rjust(width)
        yield before + shown + after


COMMAND = Command(
    "seq",
    "print a sequence of numbers",
    Args,
    run,
    group="Text",
    misuse=1,
    examples=[
        Example("seq 3", "from 1 on", "1\n2\n3\n"),
        Example("seq -w 8 2 12", "by 2, of equal width", "08\n10\n12\n"),
        Example("seq -s, 1 .5 2", "with commas", "1.0,1.5,2.0\n"),
    ],
)
