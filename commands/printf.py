"""printf: words put into a format, as bash's own printf does it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from commands.command import Arguments, Command, Context, Example, Usage
from commands.report import report
from commands.stream import Io, to_bytes
from commands.text import floats
from commands.text.escapes import Octal, Stopped, escape, unescaped
from commands.text.quoting import quoted
from commands.text.shellvars import variables_of

_SPEC = re.compile(r"%([-+ #0']*)(\*|\d+)?(?:\.(\*|\d*))?[hlLjzt]*(?:\(([^)]*)\)(?=T))?(.?)", re.DOTALL)
_INTEGER = re.compile(r"\s*([+-]?)(0[xX][0-9a-fA-F]+|0[0-7]*|[1-9]\d*)")
_MOST = 1 << 64
_WIDEST = 1 << 24


class Args(Arguments):
    RAW = True


async def run(ctx: Context, args: Args, io: Io) -> int:
    words = list(args.words)
    variable = _variable(words)
    if words and words[0] == "--":
        del words[0]
    elif words and words[0].startswith("-") and words[0] != "-":
        raise Usage(f"{words[0]}: invalid option", hint="run: printf -- FORMAT [WORD…]")
    if not words:
        raise Usage("missing operand FORMAT")
    printing = Printing(words[1:], ctx)
    data = printing.formatted(words[0])
    if variable is None:
        await io.stdout.write(data)
    else:
        _assign(ctx, variable, data)
    for remark in printing.remarks:
        await report(io, "printf", remark)
    return printing.status


def _variable(words: list[str]) -> str | None:
    """The variable that `-v NAME` names, which is taken off the words."""
    if not words or not words[0].startswith("-v"):
        return None
    attached = words.pop(0)[2:]
    if not attached and not words:
        raise Usage("-v needs a value: NAME")
    name = attached or words.pop(0)
    if not name.isidentifier() or not name.isascii():
        raise Usage(f"`{name}': not a valid identifier")
    return name


def _assign(ctx: Context, name: str, data: bytes) -> None:
    variables = variables_of(ctx)
    if variables is None:
        raise Usage("-v only works within a shell")
    variables.set(name, data.replace(b"\0", b"").decode("utf-8", "surrogateescape"))


class Spec(NamedTuple):
    """One conversion, its widths known."""

    flags: str
    width: int
    precision: int | None
    time_format: str | None
    letter: str


class _BadFormat(Exception):
    """The format itself is wrong: nothing more is printed."""


class Printing:
    """One call of printf: the words not used yet, the status, and what there is to remark."""

    def __init__(self, words: Sequence[str], ctx: Context) -> None:
        self.words = words
        self.ctx = ctx
        self.used = 0
        self.status = 0
        self.remarks: list[str] = []

    def formatted(self, form: str) -> bytes:
        """The format filled in, again and again until all words are used."""
        out: list[bytes] = []
        try:
            while True:
                before = self.used
                self._once(form, out)
                if self.used >= len(self.words) or self.used == before:
                    break
        except Stopped as stopped:
            out.append(stopped.before)
        except _BadFormat as wrong:
            self._fail(str(wrong))
        return b"".join(out)

    def _once(self, form: str, out: list[bytes]) -> None:
        at = 0
        while at < len(form):
            stop = min(
                (place for place in (form.find("%", at), form.find("\\", at)) if place >= 0), default=-1
            )
            if stop < 0:
                out.append(to_bytes(form[at:]))
                return
            out.append(to_bytes(form[at:stop]))
            if form[stop] == "%":
                at = self._conversion(form, stop, out)
            else:
                data, at = self._escape(form, stop)
                out.append(data)

    def _escape(self, form: str, at: int) -> tuple[bytes, int]:
        letter = form[at + 1 : at + 2]
        if not letter:
            return b"\\", at + 1
        if letter in "\"'?":
            return letter.encode(), at + 2
        data, stop = escape(form, at, Octal.FORMAT)
        if letter in "xuU" and stop == at + 2:
            digit = "hex" if letter == "x" else "unicode"
            self.remarks.append(f"missing {digit} digit for \\{letter}")
        return data, stop

    def _conversion(self, form: str, at: int, out: list[bytes]) -> int:
        if form.startswith("%%", at):
            out.append(b"%")
            return at + 2
        found = _SPEC.match(form, at)
        assert found is not None
        flags, width_text, precision_text, time_format, letter = found.groups()
        width = self._star(width_text)
        if width < 0:
            flags, width = flags + "-", -width
        precision = None if precision_text is None else self._star(precision_text)
        if precision is not None and precision < 0:
            precision = None
        if max(width, precision or 0) > _WIDEST:
            raise _BadFormat(f"{found[0]}: width out of range")
        if not letter:
            raise _BadFormat(f"`{found[0]}': missing format character")
        spec = Spec(flags, width, precision, time_format, letter)
        out.append(self._converted(spec, out))
        return found.end()

    def _star(self, text: str | None) -> int:
        if text == "*":
            return self._integer(self._next())
        return int(text[:9]) if text else 0

    def _converted(self, spec: Spec, out: list[bytes]) -> bytes:
        letter = spec.letter
        if letter == "T":
            return _padded(spec, to_bytes(self._time(spec)))
        if letter in "sbqQc":
            return self._text(spec)
        if letter in "diouxX":
            return _padded_number(spec, *self._digits(spec))
        if letter in "aAeEfFgG":
            return self._float(spec)
        if letter == "n":
            self._next()
            return b""
        raise _BadFormat(f"`{letter}': invalid format character")

    def _text(self, spec: Spec) -> bytes:
        word = self._next()
        if spec.letter == "c":
            return _padded(spec._replace(precision=None), to_bytes(word or "\0")[:1])
        if spec.letter == "b":
            try:
                return _padded(spec, unescaped(word or "", Octal.EITHER))
            except Stopped as stopped:
                raise Stopped(_padded(spec, stopped.before)) from None
        if spec.letter == "Q" and spec.precision is not None:
            word = to_bytes(word or "")[: spec.precision].decode("utf-8", "surrogateescape")
            spec = spec._replace(precision=None)
        return _padded(spec, to_bytes(quoted(word or "") if spec.letter in "qQ" else word or ""))

    def _digits(self, spec: Spec) -> tuple[str, str]:
        """The sign or prefix, and the digits, of an integer conversion."""
        word = self._next()
        if spec.letter in "di":
            value = self._integer(word)
            sign = "-" if value < 0 else "+" if "+" in spec.flags else " " if " " in spec.flags else ""
            digits = str(abs(value))
        else:
            value = self._integer(word, unsigned=True)
            sign = ("0" + spec.letter) if "#" in spec.flags and spec.letter in "xX" and value else ""
            digits = format(value, "d" if spec.letter == "u" else spec.letter)
            if spec.letter == "o" and "#" in spec.flags and digits[0] != "0":
                digits = "0" + digits
        if spec.precision is not None:
            digits = "" if not value and not spec.precision else digits.rjust(spec.precision, "0")
        return sign, digits

    def _float(self, spec: Spec) -> bytes:
        number = self._number(self._next())
        text = floats.formatted(number, spec.letter, spec.precision, alternative="#" in spec.flags)
        sign = "-" if number.negative else "+" if "+" in spec.flags else " " if " " in spec.flags else ""
        if number.name:
            return _padded(spec._replace(precision=None), to_bytes(sign + text))
        if spec.letter in "aA":
            sign, text = sign + text[:2], text[2:]
        return _padded_number(spec._replace(precision=None), sign, text)

    def _time(self, spec: Spec) -> str:
        word = self._next()
        seconds = -1 if word is None else self._integer(word)
        now = self.ctx.now()
        when = now if seconds < 0 else datetime.fromtimestamp(seconds, now.tzinfo)
        text = when.strftime(spec.time_format or "%X")
        return text if spec.precision is None else text[: spec.precision]

    def _next(self) -> str | None:
        """The next word; None when they are used up."""
        self.used += 1
        return self.words[self.used - 1] if self.used <= len(self.words) else None

    def _integer(self, word: str | None, *, unsigned: bool = False) -> int:
        if not word:
            return 0
        if word[0] in "'\"":
            return _code(word)
        found = _INTEGER.match(word)
        if found is None or found.end() < len(word):
            self._fail(f"{word}: invalid number")
        value = int(found[1] + found[2][:99], _base(found[2])) if found else 0
        least, most = (1 - _MOST, _MOST) if unsigned else (-_MOST // 2, _MOST // 2)
        if not least <= value < most:
            self.remarks.append(f"warning: {word}: Numerical result out of range")
            value = most - 1 if unsigned or value > 0 else least
        return value % _MOST if unsigned else value

    def _number(self, word: str | None) -> floats.Number:
        if not word:
            return floats.ZERO
        if word[0] in "'\"":
            return floats.of_int(_code(word))
        number, taken = floats.read(word)
        if taken < len(word):
            self._fail(f"{word}: invalid number")
        return number

    def _fail(self, remark: str) -> None:
        self.remarks.append(remark)
        self.status = 1


def _base(digits: str) -> int:
    if digits[:2] in ("0x", "0X"):
        return 16
    return 8 if digits[0] == "0" else 10


def _code(word: str) -> int:
    if len(word) == 1:
        return 0
    return ord(word[1]) & 0xFF if "\udc80" <= word[1] <= "\udcff" else ord(word[1])


def _padded(spec: Spec, data: bytes) -> bytes:
    if spec.precision is not None:
        data = data[: spec.precision]
    return data.ljust(spec.width) if "-" in spec.flags else data.rjust(spec.width)


def _padded_number(spec: Spec, sign: str, digits: str) -> bytes:
    if "0" in spec.flags and "-" not in spec.flags and spec.precision is None:
        digits = digits.rjust(spec.width - len(sign), "0")
    return _padded(spec._replace(precision=None), (sign + digits).encode())


COMMAND = Command(
    "printf",
    "print words in a format",
    Args,
    run,
    group="Text",
    description=(
        "The format's escapes are those of echo -e; conversions are %s %b (with escapes) %q (quoted for the "
        "shell) %c %d %i %u %o %x %X %e %f %g %a %% and %(FORMAT)T for a time in seconds. It is used again "
        "until all words are printed; missing words are empty or 0. -v NAME puts the result into a variable."
    ),
    examples=[
        Example("printf '%s=%d\\n' a 1 b 2", "the format is used twice", "a=1\nb=2\n"),
        Example("printf '%5.2f|%-4s|%04d\\n' 3.14159 ab 7", "widths and places", " 3.14|ab  |0007\n"),
    ],
)
