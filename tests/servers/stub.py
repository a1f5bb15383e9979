"""A small S3 service in this process that fails as it is told, and keeps keys exactly as they are.

It checks no signatures (tests/servers/s3.py does); it checks checksums, conditions and lengths.
"""

from __future__ import annotations

import base64
import hashlib
import html
import pathlib
import re
import ssl
import threading
import time
import urllib.parse
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from xml.sax.saxutils import escape

CERTIFICATE = pathlib.Path(__file__).parent.parent / "data" / "tls" / "certificate.pem"
"""Of this machine, signed by an authority that nobody knows."""

AUTHORITY = CERTIFICATE.with_name("authority.pem")


@dataclass
class Kept:
    """An object."""

    data: bytes
    mime: str = "binary/octet-stream"
    metadata: dict[str, str] = field(default_factory=dict)
    etag: str = ""
    mtime: datetime = field(default_factory=lambda: datetime.now(UTC))


@dataclass
class Begun:
    """An upload in parts."""

    key: str
    mime: str
    metadata: dict[str, str]
    parts: dict[int, tuple[bytes, datetime]] = field(default_factory=dict)
    begun: datetime = field(default_factory=lambda: datetime.now(UTC))


@dataclass
class Fault:
    """What happens to the next `times` requests that it matches.

    kind: `answer` (status and code instead), `lost` (done, and then no answer), `cut` (half of the body),
    `flip` (one bit of the body), `endless` (a body without an end), `slow` (a pause before the answer),
    `drip` (one byte at a time), `drop` (the connection ends before anything was done).
    """

    kind: str
    times: int = 1
    method: str = ""
    about: str = ""
    status: int = 503
    code: str = "SlowDown"
    seconds: float = 0.0

    def matches(self, method: str, target: str) -> bool:
        return self.times > 0 and self.method in ("", method) and self.about in target


class Stub:
    """The service's state; tests read and change it."""

    def __init__(self) -> None:
        self.objects: dict[str, Kept] = {}
        self.uploads: dict[str, Begun] = {}
        self.faults: list[Fault] = []
        self.seen: list[tuple[str, str]] = []
        self.page = 1000
        self.conditions = True
        self.encrypted = False
        self.modern = True
        self.instead: bytes | None = None
        self.unchecked: list[str] = []
        self.busy = 0
        self.most_busy = 0
        self.lock = threading.RLock()
        self.endpoint = ""

    def fail(self, kind: str, **how: object) -> None:
        self.faults.append(Fault(kind, **how))  # type: ignore[arg-type]

    def count(self, method: str, about: str = "") -> int:
        return sum(1 for seen, target in self.seen if seen == method and about in target)

    def taken(self, method: str, target: str) -> Fault | None:
        with self.lock:
            for fault in self.faults:
                if fault.matches(method, target):
                    fault.times -= 1
                    return fault
        return None


def etag_of(data: bytes) -> str:
    return hashlib.md5(data).hexdigest()


class _Refused(Exception):
    def __init__(self, status: int, code: str) -> None:
        super().__init__(code)
        self.status, self.code = status, code


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    stub: Stub

    def log_message(self, *args: object) -> None:
        pass

    def __getattr__(self, name: str) -> Callable[[], None]:
        if name.startswith("do_"):
            return self._handle
        raise AttributeError(name)

    def _handle(self) -> None:
        stub = self.stub
        stub.seen.append((self.command, self.path))
        with stub.lock:
            stub.busy += 1
            stub.most_busy = max(stub.most_busy, stub.busy)
        try:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            fault = stub.taken(self.command, self.path)
            kind = fault.kind if fault is not None else ""
            if fault is not None and kind == "slow":
                time.sleep(fault.seconds)
            status, headers, answer = 0, {}, b""
            if fault is not None and kind == "answer":
                status, answer = fault.status, _error(fault.code)
            elif kind != "drop":
                try:
                    with stub.lock:
                        status, headers, answer = self._act(body)
                except _Refused as refused:
                    status, headers, answer = refused.status, {}, _error(refused.code)
        finally:
            # Before the answer: who has it may ask again at once.
            with stub.lock:
                stub.busy -= 1
        try:
            self._faulty(fault, status, headers, answer)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    def _faulty(self, fault: Fault | None, status: int, headers: dict[str, str], answer: bytes) -> None:
        kind = fault.kind if fault is not None else ""
        if kind in ("lost", "drop"):
            self.close_connection = True
        elif kind == "flip" and answer:
            self._send(status, headers, bytes([answer[0] ^ 1]) + answer[1:])
        elif kind == "cut":
            self._start(status, headers | {"Content-Length": str(len(answer))})
            self.wfile.write(answer[: len(answer) // 2])
            self.close_connection = True
        elif kind == "endless":
            self._start(status, headers | {"Transfer-Encoding": "chunked"})
            while True:
                self.wfile.write(b"10000\r\n" + b"x" * 65536 + b"\r\n")
        elif kind == "drip":
            self._start(status, headers | {"Content-Length": str(len(answer))})
            for at in range(len(answer)):
                self.wfile.write(answer[at : at + 1])
                time.sleep(fault.seconds if fault else 0)
        else:
            self._send(status, headers, answer)

    def _start(self, status: int, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, text in headers.items():
            self.send_header(name, text)
        self.end_headers()

    def _send(self, status: int, headers: dict[str, str], answer: bytes) -> None:
        length = headers.pop("Head-Length", None) or str(len(answer))
        self._start(status, headers | {"Content-Length": length})
        if self.command != "HEAD":
            self.wfile.write(answer)

    # -- what is asked

    def _act(self, body: bytes) -> tuple[int, dict[str, str], bytes]:
        path, _, query_text = self.path.partition("?")
        query = dict(urllib.parse.parse_qsl(query_text, keep_blank_values=True))
        key = urllib.parse.unquote(path.removeprefix("/bucket").removeprefix("/"))
        if not path.startswith("/bucket"):
            raise _Refused(404, "NoSuchBucket")
        if not key:
            if self.stub.instead is not None:
                return 200, {}, self.stub.instead
            if "delete" in query:
                return self._delete_many(body)
            return self._uploads(query) if "uploads" in query else self._list(query)
        if self.command == "PUT":
            self._check(body)
            return self._put(key, query, body)
        if self.command == "POST":
            return self._multipart(key, query, body)
        if self.command == "DELETE":
            if "uploadId" in query:
                if self.stub.uploads.pop(query["uploadId"], None) is None:
                    raise _Refused(404, "NoSuchUpload")
            else:
                self.stub.objects.pop(key, None)
            return 204, {}, b""
        return self._parts(query) if "uploadId" in query else self._get(key, query)

    def _check(self, body: bytes) -> None:
        md5 = self.headers.get("content-md5")
        if md5 and base64.b64decode(md5) != hashlib.md5(body).digest():
            raise _Refused(400, "BadDigest")
        sha = self.headers.get("x-amz-checksum-sha256")
        if sha and not self.stub.modern:
            raise _Refused(501, "NotImplemented")
        if not md5 and not sha and "x-amz-copy-source" not in self.headers:
            self.stub.unchecked.append(self.path)
        if sha and base64.b64decode(sha) != hashlib.sha256(body).digest():
            raise _Refused(400, "BadDigest")

    def _condition(self, key: str) -> None:
        if not self.stub.conditions:
            return
        there = self.stub.objects.get(key)
        if self.headers.get("if-none-match") == "*" and there is not None:
            raise _Refused(412, "PreconditionFailed")
        wanted = self.headers.get("if-match")
        if wanted and (there is None or wanted.strip('"') != there.etag):
            raise _Refused(412, "PreconditionFailed") if there else _Refused(404, "NoSuchKey")

    def _said(self) -> tuple[str, dict[str, str]]:
        metadata = {
            name.lower().removeprefix("x-amz-meta-"): text
            for name, text in self.headers.items()
            if name.lower().startswith("x-amz-meta-")
        }
        return self.headers.get("content-type") or "binary/octet-stream", metadata

    def _put(self, key: str, query: dict[str, str], body: bytes) -> tuple[int, dict[str, str], bytes]:
        source = self.headers.get("x-amz-copy-source")
        if "uploadId" in query:
            begun = self.stub.uploads.get(query["uploadId"])
            if begun is None:
                raise _Refused(404, "NoSuchUpload")
            if source is not None:
                first, last = re.findall(r"\d+", self.headers["x-amz-copy-source-range"])
                body = self._source(source).data[int(first) : int(last) + 1]
            begun.parts[int(query["partNumber"])] = (body, datetime.now(UTC))
            if source is not None:
                return 200, {}, _xml("CopyPartResult", f"<ETag>&quot;{etag_of(body)}&quot;</ETag>")
            return 200, {"ETag": f'"{etag_of(body)}"'}, b""
        self._condition(key)
        if source is not None:
            old = self._source(source)
            made = Kept(old.data, old.mime, old.metadata, old.etag)
            self.stub.objects[key] = made
            time_text = made.mtime.strftime("%Y-%m-%dT%H:%M:%S.000Z")
            inner = f"<ETag>&quot;{made.etag}&quot;</ETag><LastModified>{time_text}</LastModified>"
            return 200, {}, _xml("CopyObjectResult", inner)
        self.stub.objects[key] = Kept(body, *self._said(), etag_of(body))
        return 200, {"ETag": f'"{etag_of(body)}"'}, b""

    def _source(self, text: str) -> Kept:
        key = urllib.parse.unquote(text).lstrip("/").removeprefix("bucket/")
        old = self.stub.objects.get(key)
        if old is None:
            raise _Refused(404, "NoSuchKey")
        wanted = self.headers.get("x-amz-copy-source-if-match")
        if wanted and wanted.strip('"') != old.etag:
            raise _Refused(412, "PreconditionFailed")
        return old

    def _get(self, key: str, query: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
        there = self.stub.objects.get(key)
        if there is None:
            raise _Refused(404, "NoSuchKey")
        wanted = self.headers.get("if-match")
        if self.stub.conditions and wanted and wanted.strip('"') != there.etag:
            raise _Refused(412, "PreconditionFailed")
        headers = {
            "ETag": f'"{there.etag}"',
            "Content-Type": there.mime,
            "Last-Modified": format_datetime(there.mtime, usegmt=True),
            "Accept-Ranges": "bytes",
        }
        headers |= {f"x-amz-meta-{name}": text for name, text in there.metadata.items()}
        if self.stub.encrypted:
            headers["x-amz-server-side-encryption"] = "aws:kms"
        if "response-content-disposition" in query:
            headers["Content-Disposition"] = query["response-content-disposition"]
        size = len(there.data)
        if self.command == "HEAD":
            return 200, headers | {"Head-Length": str(size)}, b""
        span = self.headers.get("range")
        if span is None:
            return 200, headers, there.data
        first, last = ([*span.removeprefix("bytes=").split("-"), ""])[:2]
        start, stop = int(first), min(int(last or size) + 1, size)
        if start >= size:
            raise _Refused(416, "InvalidRange")
        return 206, headers | {"Content-Range": f"bytes {start}-{stop - 1}/{size}"}, there.data[start:stop]

    def _list(self, query: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
        prefix, delimiter = query.get("prefix", ""), query.get("delimiter", "")
        after = query.get("continuation-token") or query.get("start-after", "")
        most = min(int(query.get("max-keys", 1000)), self.stub.page)
        shown: list[str] = []
        inner, last = "", ""
        more = False
        for key in sorted(self.stub.objects):
            if not key.startswith(prefix) or key <= after:
                continue
            cut = key.find(delimiter, len(prefix)) if delimiter else -1
            name = key[: cut + len(delimiter)] if cut >= 0 else key
            if cut >= 0 and (name in shown or after.startswith(name)):
                continue
            if len(shown) == most:
                more = True
                break
            shown.append(name)
            last = name + "\U0010ffff" if cut >= 0 else key
            there = self.stub.objects[key]
            spelt = escape(urllib.parse.quote_plus(name, safe="/"))
            if cut >= 0:
                inner += f"<CommonPrefixes><Prefix>{spelt}</Prefix></CommonPrefixes>"
            else:
                inner += (
                    f"<Contents><Key>{spelt}</Key><Size>{len(there.data)}</Size>"
                    f"<LastModified>{there.mtime:%Y-%m-%dT%H:%M:%S}.000Z</LastModified>"
                    f"<ETag>&quot;{there.etag}&quot;</ETag></Contents>"
                )
        token = f"<NextContinuationToken>{escape(last)}</NextContinuationToken>" if more else ""
        truncated = f"<IsTruncated>{str(more).lower()}</IsTruncated>"
        return 200, {}, _xml("ListBucketResult", f"<EncodingType>url</EncodingType>{truncated}{token}{inner}")

    def _delete_many(self, body: bytes) -> tuple[int, dict[str, str], bytes]:
        gone = ""
        for spelt in re.findall(r"<Key>(.*?)</Key>", body.decode(), re.DOTALL):
            gone += f"<Deleted><Key>{spelt}</Key></Deleted>"
            self.stub.objects.pop(html.unescape(spelt), None)
        return 200, {}, _xml("DeleteResult", "" if b"<Quiet>true" in body else gone)

    def _multipart(self, key: str, query: dict[str, str], body: bytes) -> tuple[int, dict[str, str], bytes]:
        if "uploads" in query:
            id = f"upload-{len(self.stub.seen)}"
            self.stub.uploads[id] = Begun(key, *self._said())
            return 200, {}, _xml("InitiateMultipartUploadResult", f"<UploadId>{id}</UploadId>")
        begun = self.stub.uploads.get(query["uploadId"])
        if begun is None:
            raise _Refused(404, "NoSuchUpload")
        self._condition(key)
        text = body.decode()
        numbers = [int(number) for number in re.findall(r"<PartNumber>(\d+)</PartNumber>", text)]
        etags = re.findall(r'<ETag>(?:"|&quot;)?(\w+)(?:"|&quot;)?</ETag>', text)
        for number, etag in zip(numbers, etags, strict=True):
            if number not in begun.parts or etag_of(begun.parts[number][0]) != etag:
                raise _Refused(400, "InvalidPart")
        data = b"".join(begun.parts[number][0] for number in numbers)
        whole = etag_of(b"".join(bytes.fromhex(etag) for etag in etags)) + f"-{len(etags)}"
        self.stub.objects[key] = Kept(data, begun.mime, begun.metadata, whole)
        del self.stub.uploads[query["uploadId"]]
        return 200, {}, _xml("CompleteMultipartUploadResult", f"<ETag>&quot;{whole}&quot;</ETag>")

    def _uploads(self, query: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
        inner = "".join(
            f"<Upload><Key>{escape(urllib.parse.quote(begun.key))}</Key><UploadId>{id}</UploadId>"
            f"<Initiated>{begun.begun:%Y-%m-%dT%H:%M:%S}.000Z</Initiated></Upload>"
            for id, begun in sorted(self.stub.uploads.items())
            if begun.key.startswith(query.get("prefix", ""))
        )
        encoding = "<EncodingType>url</EncodingType><IsTruncated>false</IsTruncated>"
        return 200, {}, _xml("ListMultipartUploadsResult", encoding + inner)

    def _parts(self, query: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
        begun = self.stub.uploads.get(query["uploadId"])
        if begun is None:
            raise _Refused(404, "NoSuchUpload")
        inner = "".join(
            f"<Part><PartNumber>{number}</PartNumber><ETag>&quot;{etag_of(data)}&quot;</ETag>"
            f"<Size>{len(data)}</Size><LastModified>{mtime:%Y-%m-%dT%H:%M:%S}.000Z</LastModified></Part>"
            for number, (data, mtime) in sorted(begun.parts.items())
        )
        return 200, {}, _xml("ListPartsResult", f"<IsTruncated>false</IsTruncated>{inner}")


def _xml(name: str, inner: str) -> bytes:
    head = '<?xml version="1.0" encoding="UTF-8"?>'
    return f'{head}<{name} xmlns="http://s3.amazonaws.com/doc/2006-03-01/">{inner}</{name}>'.encode()


def _error(code: str) -> bytes:
    return f"<Error><Code>{code}</Code><Message>told by a test</Message></Error>".encode()


@contextmanager
def running_stub(*, secure: bool = False) -> Iterator[Stub]:
    """A service with one bucket, `bucket`, on a free port of the loopback; `secure`: behind TLS."""
    stub = Stub()
    handler = type("Handler", (_Handler,), {"stub": stub})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    server.handle_error = lambda *_: None  # type: ignore[method-assign]
    if secure:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(CERTIFICATE, CERTIFICATE.with_name("key.pem"))
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    stub.endpoint = f"http{'s' if secure else ''}://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield stub
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
