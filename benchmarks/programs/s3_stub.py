"""A service that answers at once and keeps nothing: what is measured beside it is the client alone.

python s3_stub.py        prints its port; ends with its standard input
"""

from __future__ import annotations

import asyncio
import sys

ENTRIES = "".join(
    f"<Contents><Key>folder/object-{number:06}.txt</Key><LastModified>2026-11-21T12:00:00.000Z</LastModified>"
    f"<ETag>&quot;d41d8cd98f00b204e9800998ecf8427e&quot;</ETag><Size>{number}</Size>"
    "<StorageClass>STANDARD</StorageClass></Contents>"
    for number in range(1000)
)
PAGES = 40
SPACE = "http://s3.amazonaws.com/doc/2006-03-01/"
ETAG = b'ETag: "d41d8cd98f00b204e9800998ecf8427e"\r\n'


def page(number: int) -> bytes:
    """An answer to ListObjectsV2, with all its headers."""
    more = number < PAGES - 1
    token = f"<NextContinuationToken>{number + 1}</NextContinuationToken>" if more else ""
    body = (
        f'<?xml version="1.0" encoding="UTF-8"?><ListBucketResult xmlns="{SPACE}"><Name>b</Name>'
        f"<Prefix></Prefix><MaxKeys>1000</MaxKeys><EncodingType>url</EncodingType><KeyCount>1000</KeyCount>"
        f"<IsTruncated>{str(more).lower()}</IsTruncated>{token}{ENTRIES}</ListBucketResult>"
    ).encode()
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/xml\r\nContent-Length: %d\r\n\r\n" % len(body)
    return head + body


ANSWERS = [page(number) for number in range(PAGES)]
PUT = b"HTTP/1.1 200 OK\r\n" + ETAG + b"Content-Length: 0\r\n\r\n"


class Stub(asyncio.Protocol):
    """One connection."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.waiting = b""

    def data_received(self, data: bytes) -> None:
        self.waiting += data
        while (end := self.waiting.find(b"\r\n\r\n")) >= 0:
            head = self.waiting[:end].lower() + b"\r\n"
            at = head.find(b"\r\ncontent-length:")
            length = int(head[at + 17 : head.find(b"\r\n", at + 2)]) if at >= 0 else 0
            if b"\r\nexpect: 100-continue" in head and len(self.waiting) == end + 4:
                self.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            if len(self.waiting) < end + 4 + length:
                return
            line = self.waiting[: self.waiting.find(b"\r\n")]
            self.waiting = self.waiting[end + 4 + length :]
            self.transport.write(self.answer(line))

    def answer(self, line: bytes) -> bytes:
        if b"list-type=2" not in line:
            return PUT
        _, _, token = line.partition(b"continuation-token=")
        return ANSWERS[int(token.split(b"&")[0].split(b" ")[0]) if token else 0]


async def serve() -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Stub, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)


asyncio.run(serve())
