"""A terminal to look at: what a stream of bytes did to it, and what it should never have held."""

from __future__ import annotations

import json
import pathlib
import re

import pyte

DATA = pathlib.Path(__file__).parents[2] / "data"
BIDI = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c"

ESCAPES = (
    "\x1b]0;owned\x07",
    "\x1b]52;c;ZXZpbA==\x1b\\",
    "\x1b[2J\x1b[H",
    "\x1b[21t\x1b[6n",
    "\x9b2J\x9d0;owned\x9c",
    "Payment to Mallory\rPayment to Alice",
    "abc\x08\x08\x08xyz\x7f",
    "\u202egpj.exe",
    "a\u2066b\u2069c\u200b\u200ed",
    "\U000e0041\U000e0042",
    "[TODO] Q3 plan [/b] [/ [@click=app.quit]Pay[/]",
    "\x1bPq#0;2\x1b\\ \x1b_x\x1b\\ \x1b^x\x1b\\",
    "e" + "\u0301" * 400,
    "\udc9b\ud800",
    "\x0e\x0f\x05\x00\x07\x0b\x0c",
    "\x1b[38;5;1mred\x1b[0m",
)
"""Text that acts on a terminal which is not protected from it."""


def hostile_names() -> list[str]:
    """Names that files and titles came with."""
    lines = (DATA / "hostile_names.jsonl").read_text("utf-8").rstrip().split("\n")
    return [json.loads(line)["name"] for line in lines]


def findings(data: bytes) -> list[str]:
    """What in these bytes would act on a terminal; line ends, tabs and colours do not."""
    text = data.decode("utf-8", "replace")
    body = re.sub(r"\x1b\[[0-9;]*m", "", text)
    found = [f"control {char!r}" for char in set(re.findall("[\x00-\x08\x0b-\x1f\x7f-\x9f]", body))]
    found += [f"order {char!r}" for char in BIDI if char in text]
    found += ["tag characters"] if re.search("[\U000e0000-\U000e007f]", text) else []
    screen = pyte.Screen(80, 24)
    pyte.ByteStream(screen).feed(data)
    return found + ([f"title {screen.title!r}"] if screen.title else [])
