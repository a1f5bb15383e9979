"""Numbers as C's long double has them: read from text, printed by %e %f %g %a.

A finite number is `mantissa * 2**exponent` with at most 64 bits of mantissa, as an x86 host
computes; printing is exact, so results agree with the C library to the last digit.
"""

from __future__ import annotations

import re
from typing import NamedTuple

BITS = 64
_DECIMAL = re.compile(r"\s*([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+))?")
_HEX = re.compile(r"\s*([+-]?)0[xX]([0-9a-fA-F]*)(?:\.([0-9a-fA-F]*))?(?:[pP]([+-]?\d+))?")
_NAMED = re.compile(r"\s*([+-]?)(inf(?:inity)?|nan(?:\(\w*\))?)", re.IGNORECASE)
_WIDEST_EXPONENT = 5000
_PLACES = 17_000
"""No number has more decimal places than this: what follows is zeros."""
_CHUNK = 4000


class Number(NamedTuple):
    """A number; `name` is `inf` or `nan` for what is not finite."""

    negative: bool
    mantissa: int
    exponent: int
    name: str = ""


ZERO = Number(False, 0, 0)


def read(text: str) -> tuple[Number, int]:
    """The number at the start of `text`, and how many characters of it that took (0: none)."""
    if found := _NAMED.match(text):
        name = found[2][:3].lower()
        return Number(found[1] == "-", 0, 0, name), found.end()
    found = _HEX.match(text)
    if found and (found[2] or found[3]):
        digits = found[2] + (found[3] or "")
        power = int(found[4] or 0) - 4 * len(found[3] or "")
        return _number(found[1] == "-", int(digits, 16), 1, power), found.end()
    found = _DECIMAL.match(text)
    if not found or not (found[2] or found[3]):
        return ZERO, 0
    digits = found[2] + (found[3] or "")
    power = int(found[4] or 0) - len(found[3] or "")
    power += max(len(digits) - _CHUNK, 0)
    mantissa = int(digits[:_CHUNK])
    if mantissa == 0 or power + len(digits) < -_WIDEST_EXPONENT:
        return Number(found[1] == "-", 0, 0), found.end()
    if power > _WIDEST_EXPONENT:
        return Number(found[1] == "-", 0, 0, "inf"), found.end()
    top, bottom = (mantissa * 10**power, 1) if power >= 0 else (mantissa, 10**-power)
    return _number(found[1] == "-", top, bottom, 0), found.end()


def of_int(value: int) -> Number:
    return _number(value < 0, abs(value), 1, 0)


def _number(negative: bool, top: int, bottom: int, power: int) -> Number:
    """`top / bottom * 2**power`, rounded to the nearest, ties to even."""
    if top == 0:
        return Number(negative, 0, 0)
    shift = BITS - (top.bit_length() - bottom.bit_length())
    for _ in range(2):
        scaled, under = (top << shift, bottom) if shift >= 0 else (top, bottom << -shift)
        mantissa = _nearest(scaled, under)
        if mantissa.bit_length() <= BITS:
            break
        shift -= 1
    return Number(negative, mantissa, power - shift)


def _nearest(top: int, bottom: int) -> int:
    whole, rest = divmod(top, bottom)
    return whole + (2 * rest > bottom or (2 * rest == bottom and whole & 1))


def fixed(number: Number, places: int) -> str:
    """The absolute value with so many decimal places (`%f`)."""
    computed = min(places, _PLACES)
    units = _shifted(number.mantissa * 10**computed, number.exponent)
    digits = decimal(units).rjust(computed + 1, "0") + "0" * (places - computed)
    return f"{digits[:-places]}.{digits[-places:]}" if places else digits


def decimal(value: int) -> str:
    """The digits of a number of any length, which `str` alone refuses."""
    parts: list[str] = []
    while value.bit_length() > 3 * _CHUNK:
        value, low = divmod(value, 10**_CHUNK)
        parts.append(str(low).rjust(_CHUNK, "0"))
    return "".join([str(value), *reversed(parts)])


def _shifted(value: int, exponent: int) -> int:
    return value << exponent if exponent >= 0 else _nearest(value, 1 << -exponent)


def scientific(number: Number, places: int) -> tuple[str, int]:
    """The digits (one and then `places`) and the power of ten of `%e`."""
    if number.mantissa == 0:
        return "0" * (places + 1), 0
    if places > _PLACES:
        digits, power = scientific(number, _PLACES)
        return digits + "0" * (places - _PLACES), power
    bits = number.mantissa.bit_length() + number.exponent
    power = int((bits - 1) * 0.30102999566398) - (bits <= 0)
    for guess in range(power - 1, power + 3):
        scale = places - guess
        top = number.mantissa * 10**scale if scale >= 0 else number.mantissa
        bottom = 1 if scale >= 0 else 10**-scale
        if number.exponent >= 0:
            top <<= number.exponent
        else:
            bottom <<= -number.exponent
        digits = decimal(_nearest(top, bottom))
        if len(digits) == places + 1 and digits[0] != "0":
            return digits, guess
    raise AssertionError("no power of ten fits")


def formatted(number: Number, letter: str, precision: int | None, *, alternative: bool) -> str:
    """The absolute value as `%LETTER` prints it, without sign and padding."""
    if number.name:
        return number.name.upper() if letter.isupper() else number.name
    low = letter.lower()
    if low == "a":
        text = _hexadecimal(number, precision, alternative)
    elif low == "f":
        places = 6 if precision is None else precision
        text = fixed(number, places) + ("." if alternative and not places else "")
    elif low == "e":
        text = _with_power(*scientific(number, 6 if precision is None else precision), alternative)
    else:
        text = _shortest(number, 6 if precision is None else precision or 1, alternative)
    return text.upper() if letter.isupper() else text


def _with_power(digits: str, power: int, alternative: bool) -> str:
    point = "." if len(digits) > 1 or alternative else ""
    return f"{digits[0]}{point}{digits[1:]}e{'-' if power < 0 else '+'}{abs(power):02d}"


def _shortest(number: Number, precision: int, alternative: bool) -> str:
    digits, power = scientific(number, precision - 1)
    if -4 <= power < precision:
        text = fixed(number, precision - 1 - power)
        if alternative:
            return text if "." in text else text + "."
        return text.rstrip("0").rstrip(".") if "." in text else text
    return _with_power(digits if alternative else digits[0] + digits[1:].rstrip("0"), power, alternative)


def _hexadecimal(number: Number, precision: int | None, alternative: bool) -> str:
    if number.mantissa == 0:
        digits, exponent = "0" * (1 + (precision or 0)), 0
    else:
        shift = BITS - number.mantissa.bit_length()
        mantissa, exponent = number.mantissa << shift, number.exponent - shift + BITS - 4
        if precision is not None and precision < 15:
            mantissa = _nearest(mantissa, 1 << 4 * (15 - precision)) << 4 * (15 - precision)
            if mantissa >> BITS:
                mantissa, exponent = mantissa >> 4, exponent + 4
        digits = f"{mantissa:016x}"
        digits = digits.ljust(1 + precision, "0")[: 1 + precision] if precision is not None else digits
    if precision is None:
        digits = digits[0] + digits[1:].rstrip("0")
    point = "." if len(digits) > 1 or alternative else ""
    return f"0x{digits[0]}{point}{digits[1:]}p{exponent:+d}"
