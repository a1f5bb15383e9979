"""Boto: the requests that boto3 makes: parts of large objects, odd keys, and all where obstore is missing."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from hashlib import md5
from importlib import import_module
from threading import Lock
from typing import Any

from providers.s3.client import WIDTH, Facts, Unfinished
from providers.s3.credentials import Keys
from providers.s3.engine import Kept, PastEnd, Patience, Terms
from providers.s3.errors import from_answer
from providers.s3.service import Service
from vfs.errors import Corrupt

_BLOCK = 1024 * 1024
_loading = Lock()


class Boto:
    """One bucket through boto3. Every request is made once: whoever asks tries again."""

    def __init__(self, service: Service, keys: Keys, patience: Patience) -> None:
        self.bucket = service.bucket
        self._client = _open(service, keys, patience)
        self._failed: type[Exception] = import_module("botocore.exceptions").ClientError

    def takes(self, key: str) -> bool:
        return True

    def head(self, key: str) -> Facts:
        found = self._ask("head_object", key)
        return _facts(key, found, found["ContentLength"])

    def fetch(self, key: str, start: int, stop: int, etag: str | None) -> tuple[Facts, list[bytes]]:
        condition = {} if etag is None else {"IfMatch": f'"{etag}"'}
        try:
            found = self._ask("get_object", key, Range=f"bytes={start}-{stop - 1}", **condition)
        except self._failed as error:
            if _status(error) == 416:
                raise PastEnd from None
            raise
        size = _whole_size(found)
        wanted = min(stop, size) - start
        blocks: list[bytes] = []
        body = found["Body"]
        try:
            while wanted > 0:
                block = body.read(min(_BLOCK, wanted))
                if not block:
                    break
                wanted -= len(block)
                blocks.append(block)
            if wanted or found["ContentLength"] != sum(map(len, blocks)):
                raise Corrupt(None, "an answer is not as long as it said")
        finally:
            # A body that was not read to its end must not wait in the pool for the next request.
            body.close()
        return _facts(key, found, size), blocks

    def store(self, key: str, data: bytes, terms: Terms) -> str:
        asked = {"Body": data, "ContentMD5": _md5(data), **_head(terms), **_when(terms)}
        done = self._ask("put_object", key, **asked)
        return _bare(done["ETag"])

    def copy(self, source: str, target: str, *, etag: str | None, only_new: bool) -> None:
        asked: dict[str, Any] = {"CopySource": {"Bucket": self.bucket, "Key": source}}
        if etag is not None:
            asked["CopySourceIfMatch"] = f'"{etag}"'
        if only_new:
            asked["IfNoneMatch"] = "*"
        self._ask("copy_object", target, **asked)

    def delete(self, keys: Sequence[str]) -> None:
        plain = [key for key in keys if key.isprintable()]
        # XML, in which many are named at once, has no control characters.
        for key in set(keys) - set(plain):
            self._ask("delete_object", key)
        if not plain:
            return
        objects = {"Objects": [{"Key": key} for key in plain], "Quiet": True}
        done = self._client.delete_objects(Bucket=self.bucket, Delete=objects)
        for failure in done.get("Errors", ()):
            if failure.get("Code") != "NoSuchKey":
                where = f"s3://{self.bucket}/{failure.get('Key', '')}"
                raise from_answer(0, str(failure.get("Code", "")), where)

    def begin(self, key: str, terms: Terms) -> str:
        return str(self._ask("create_multipart_upload", key, **_head(terms))["UploadId"])

    def part(self, key: str, upload: str, number: int, data: bytes) -> str:
        """Sends one part with its checksum; returns its etag."""
        asked = {"UploadId": upload, "PartNumber": number, "Body": data, "ContentMD5": _md5(data)}
        return _bare(self._ask("upload_part", key, **asked)["ETag"])

    def copied_part(
        self, source: str, key: str, upload: str, number: int, span: tuple[int, int], etag: str
    ) -> str:
        """Makes a part of bytes of another object, which must carry `etag`."""
        done = self._ask(
            "upload_part_copy",
            key,
            UploadId=upload,
            PartNumber=number,
            CopySource={"Bucket": self.bucket, "Key": source},
            CopySourceIfMatch=f'"{etag}"',
            CopySourceRange=f"bytes={span[0]}-{span[1] - 1}",
        )
        return _bare(done["CopyPartResult"]["ETag"])

    def complete(self, key: str, upload: str, etags: Sequence[str], terms: Terms) -> str:
        parts = [{"PartNumber": number, "ETag": f'"{etag}"'} for number, etag in enumerate(etags, 1)]
        asked = {"UploadId": upload, "MultipartUpload": {"Parts": parts}}
        return _bare(self._ask("complete_multipart_upload", key, **asked, **_when(terms))["ETag"])

    def abort(self, key: str, upload: str) -> None:
        """Gone already is no error."""
        try:
            self._ask("abort_multipart_upload", key, UploadId=upload)
        except self._failed as error:
            if _status(error) != 404:
                raise

    def kept(self, key: str, upload: str) -> Mapping[int, Kept]:
        """The parts that have arrived, by number."""
        found: dict[int, Kept] = {}
        marker = 0
        while True:
            page = self._ask("list_parts", key, UploadId=upload, PartNumberMarker=marker)
            for part in page.get("Parts", ()):
                found[part["PartNumber"]] = Kept(_bare(part["ETag"]), part["Size"], part["LastModified"])
            following = page.get("NextPartNumberMarker", 0)
            if not page.get("IsTruncated") or following <= marker:
                return found
            marker = following

    def uploads(
        self, prefix: str, after: tuple[str, str]
    ) -> tuple[Sequence[Unfinished], tuple[str, str] | None]:
        """A page of those begun, and where the next one begins."""
        asked = {"KeyMarker": after[0], "UploadIdMarker": after[1]} if after[0] else {}
        page = self._client.list_multipart_uploads(Bucket=self.bucket, Prefix=prefix, **asked)
        found = [Unfinished(one["Key"], one["UploadId"], one["Initiated"]) for one in page.get("Uploads", ())]
        following = (str(page.get("NextKeyMarker", "")), str(page.get("NextUploadIdMarker", "")))
        more = page.get("IsTruncated") and following > after
        return found, following if more else None

    def has_hash(self, key: str) -> bool:
        """Whether the object's etag is made of its bytes: not where it is encrypted with a key of its own."""
        found = self._ask("head_object", key)
        return "SSECustomerAlgorithm" not in found and found.get("ServerSideEncryption") in (None, "AES256")

    def turns_down(self, key: str, data: bytes, other: bytes) -> bool:
        """Whether a put of `data` with the checksum of `other` fails."""
        try:
            self._ask("put_object", key, Body=data, ContentMD5=_md5(other))
        except self._failed:
            return True
        return False

    def close(self) -> None:
        self._client.close()

    def _ask(self, operation: str, key: str, **asked: Any) -> Any:
        call: Callable[..., Any] = getattr(self._client, operation)
        return call(Bucket=self.bucket, Key=key, **asked)


def _open(service: Service, keys: Keys, patience: Patience) -> Any:
    # Loading a service's description and its client is not safe in several threads at once.
    with _loading:
        config = import_module("botocore.config").Config(
            connect_timeout=patience.connect,
            read_timeout=patience.read,
            max_pool_connections=WIDTH,
            retries={"total_max_attempts": 1},
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
            s3={"addressing_style": "virtual" if service.virtual else "path"},
            parameter_validation=True,
        )
        root = service.root
        if service.virtual:
            root = root.replace(f"{service.bucket}.", "", 1)
        session = import_module("botocore.session").Session()
        return session.create_client(
            "s3",
            endpoint_url=root,
            region_name=service.region,
            aws_access_key_id=keys.access,
            aws_secret_access_key=keys.secret,
            aws_session_token=keys.session,
            config=config,
        )


def _md5(data: bytes) -> str:
    """The checksum that every service knows."""
    return b64encode(md5(data, usedforsecurity=False).digest()).decode()


def _head(terms: Terms) -> dict[str, Any]:
    asked: dict[str, Any] = {}
    if terms.mime is not None:
        asked["ContentType"] = terms.mime
    if terms.metadata:
        asked["Metadata"] = dict(terms.metadata)
    return asked


def _when(terms: Terms) -> dict[str, str]:
    if terms.only_new:
        return {"IfNoneMatch": "*"}
    return {} if terms.etag is None else {"IfMatch": f'"{terms.etag}"'}


def _facts(key: str, found: Any, size: int) -> Facts:
    return Facts(
        key,
        size,
        found.get("LastModified"),
        _bare(found.get("ETag")),
        found.get("ContentType"),
        dict(found.get("Metadata", {})),
    )


def _whole_size(found: Any) -> int:
    """The object's size. Raises Corrupt when the answer is not the range that was asked for."""
    span = str(found.get("ContentRange", ""))
    whole = span.rpartition("/")[2]
    if not whole.isdigit():
        raise Corrupt(None, "the service sent another range than was asked for")
    return int(whole)


def _status(error: Exception) -> int:
    answer: Mapping[str, Any] = getattr(error, "response", {})
    return int(answer.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))


def _bare(etag: str | None) -> str:
    return (etag or "").removeprefix("W/").strip('"')
