"""Which format a statement has, by how it begins; what it is not is said, and not opened."""

from __future__ import annotations

from collections.abc import Mapping

from providers.banking.accounts import Account
from providers.banking.camt import is_camt, read_camt
from providers.banking.charsets import decoded
from providers.banking.csvfile import read_csv
from providers.banking.mt940 import is_mt940, read_mt940
from providers.banking.ofx import is_ofx, read_ofx
from providers.banking.qif import FINGERPRINT, is_qif, read_qif
from providers.banking.statement import LARGEST, Answers, Statement, Unreadable

_OTHERS = (
    (
        b"PK\x03\x04",
        "is a ZIP archive or a spreadsheet",
        "unpack it, or save the table as CSV, and import that",
    ),
    (b"\x1f\x8b", "is packed with gzip", "unpack it first: gunzip"),
    (b"BZh", "is packed with bzip2", "unpack it first: bunzip2"),
    (b"\xfd7zXZ", "is packed with xz", "unpack it first: unxz"),
    (b"7z\xbc\xaf", "is a 7-Zip archive", "unpack it first"),
    (b"%PDF", "is a PDF", "download the statement as CSV, OFX, QFX or CAMT instead"),
    (b"\xd0\xcf\x11\xe0", "is an old Excel workbook", "save the table as CSV, and import that"),
    (b"\x89PNG", "is a picture", "download the statement as CSV, OFX, QFX or CAMT instead"),
    (b"\xff\xd8\xff", "is a picture", "download the statement as CSV, OFX, QFX or CAMT instead"),
)
_KINDS = "CSV, OFX, QFX, CAMT, QIF and MT940 are read"


def read_statement(
    data: bytes, name: str, answers: Answers, accounts: Mapping[str, Account], layouts: Mapping[str, Answers]
) -> Statement:
    """What a file says, or what has to be asked first. Raises Unreadable; nothing else, whatever it holds."""
    if len(data) > LARGEST:
        raise Unreadable(
            f"has {len(data) >> 20} MB; at most {LARGEST >> 20} MB are read at once", "split it by year"
        )
    for beginning, what, hint in _OTHERS:
        if data.startswith(beginning):
            raise Unreadable(what, hint)
    if not data.strip(b" \t\r\n\0\xef\xbb\xbf\xff\xfe"):
        raise Unreadable("is empty")
    head = decoded(data[:8192], answers.charset).lstrip("\ufeff \t\r\n")
    if is_ofx(head):
        return read_ofx(data)
    if is_camt(head):
        return read_camt(data)
    lower = head[:500].lower()
    if lower.startswith(("<!doctype html", "<html", "<head", "<body")):
        raise Unreadable("is a web page, not a statement", "log in at the bank and download it again")
    if head.startswith("<"):
        raise Unreadable("is XML, but no statement that is known", _KINDS)
    if head.startswith(("{", "[{")):
        raise Unreadable("is JSON, not a statement", _KINDS)
    if is_qif(head):
        return read_qif(data, name, answers, accounts, layouts.get(FINGERPRINT, Answers()))
    if is_mt940(head):
        return read_mt940(data)
    return read_csv(data, name, answers, accounts, layouts)
