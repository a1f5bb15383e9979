"""Reading mails: header blocks and whole real mails, beside imap-tools on the same bytes in the same process.

imap-tools gives subject, people, date and headers of a block; of a mail its text, its page as it came and its
attachments, where Spatio also makes text of pages and names everything.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Sequence

from imap_tools import MailMessage

from benchmarks.bench import Bench
from benchmarks.measure import Run, compare, report
from providers.mail.facts import item_facts
from providers.mail.headers import block_end
from providers.mail.message import describe
from providers.mail.naming import name_of
from tests.corpora import CORPORA, mails

ROUNDS = 5
HEADERS_A_SECOND = 10_000
NUMBERS = itertools.count()


def mail(bench: Bench) -> None:
    """All mails of the test corpora, in turn."""
    whole = [data for name in CORPORA for _, data in mails(name)]
    blocks = [data[: block_end(data)[0]] for data in whole]
    headers = compare(_of(_facts, blocks), _of(_peer_headers, blocks), pairs=7)
    report(f"{len(blocks)} header blocks beside imap-tools", headers, 1)
    rate = len(blocks) * ROUNDS / headers.a
    print(f"{'ok  ' if rate >= HEADERS_A_SECOND else 'MISS'} {rate:,.0f} header blocks a second", flush=True)
    described = compare(_of(_described, whole), _of(_peer_whole, whole), pairs=5)
    report(f"{len(whole)} whole mails beside imap-tools", described, 1)
    print(f"     {len(whole) * ROUNDS / described.a:,.0f} mails a second", flush=True)


def _of(read: Callable[[bytes], object], contents: Sequence[bytes]) -> Callable[[], Run]:
    def run() -> Run:
        # Each mail is another one, so that nothing is remembered.
        fresh = [b"X-Number: %d\n" % next(NUMBERS) + content for _ in range(ROUNDS) for content in contents]
        wall, cpu = time.perf_counter(), time.process_time()
        for content in fresh:
            read(content)
        return Run(time.perf_counter() - wall, time.process_time() - cpu, 0)

    return run


def _facts(block: bytes) -> object:
    facts = item_facts(block)
    return facts, name_of(facts)


def _peer_headers(block: bytes) -> object:
    message = MailMessage.from_bytes(block)
    people = (message.from_values, message.to_values, message.cc_values)
    return message.subject, people, message.date, message.headers


def _described(content: bytes) -> object:
    return describe(content, True)


def _peer_whole(content: bytes) -> object:
    message = MailMessage.from_bytes(content)
    people = (message.from_values, message.to_values, message.cc_values)
    files = [(one.filename, one.payload) for one in message.attachments]
    return message.subject, people, message.date, message.headers, message.text, message.html, files
