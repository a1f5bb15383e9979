"""Listings, read from the service's own answer: every key exactly as it is, whatever a path makes of it."""

from __future__ import annotations

import re
from datetime import datetime
from importlib import import_module
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_plus

from providers.s3.client import Facts, Page
from vfs.errors import VfsError

if TYPE_CHECKING:
    from providers.s3.wire import Wire

_PLAIN = re.compile(
    r"<Contents><Key>([^<&]+)</Key><LastModified>([^<&]+)</LastModified><ETag>(?:&quot;|&#34;|\")?([^<&\"]*)"
    r"(?:&quot;|&#34;|\")?</ETag>(?:<Checksum(\w+)>[^<]*</Checksum\4>)*<Size>(\d+)</Size>"
)
_END = re.compile(r"<NextContinuationToken>([^<&]+)</NextContinuationToken>")
_NAMESPACE = "{http://s3.amazonaws.com/doc/2006-03-01/}"


def listed(wire: Wire, prefix: str, after: str, delimiter: str, limit: int, token: str) -> tuple[Page, str]:
    """One page, and the token of the next one; none when it is empty. Blocks."""
    query = {"list-type": "2", "encoding-type": "url", "max-keys": str(limit)}
    asked = {"prefix": prefix, "delimiter": delimiter}
    asked |= {"continuation-token": token} if token else {"start-after": after}
    return parsed(wire.get(query | {name: text for name, text in asked.items() if text}))


def parsed(body: bytes) -> tuple[Page, str]:
    """What an answer to ListObjectsV2 says. Raises VfsError when it is none."""
    return _quickly(body) or _carefully(body)


def _quickly(body: bytes) -> tuple[Page, str] | None:
    """A page as nearly all are, of keys alone, in a third of the time; None: it needs a closer look."""
    text = body.decode(errors="replace")
    whole = text.startswith("<") and text.endswith("</ListBucketResult>")
    found = _PLAIN.findall(text)
    more = "<IsTruncated>true</IsTruncated>" in text
    token = _END.search(text) if more else None
    odd = "<CommonPrefixes>" in text or "<EncodingType>url</EncodingType>" not in text or "<!" in text
    if odd or not whole or not found or len(found) != text.count("<Contents>") or more != (token is not None):
        return None
    moment = datetime.fromisoformat
    try:
        objects = [Facts(_decoded(key), int(size), moment(when), etag) for key, when, etag, _, size in found]
    except ValueError:
        return None
    return Page(tuple(objects)), token.group(1) if token else ""


def _carefully(body: bytes) -> tuple[Page, str]:
    tree: Any = import_module("xml.etree.ElementTree")
    try:
        root = tree.fromstring(body)
        return _page(root)
    except (tree.ParseError, KeyError, ValueError, TypeError):
        reason = "the service answered something that is not S3's"
        raise VfsError(None, reason, hint="check the endpoint") from None


def _page(root: Any) -> tuple[Page, str]:
    space = _NAMESPACE if root.tag.startswith("{") else ""
    if root.tag != f"{space}ListBucketResult":
        raise ValueError(root.tag)
    plain = root.findtext(f"{space}EncodingType") != "url"
    objects: list[Facts] = []
    prefixes: list[str] = []
    key_tag, size_tag = f"{space}Key", f"{space}Size"
    time_tag, etag_tag = f"{space}LastModified", f"{space}ETag"
    for element in root:
        if element.tag == f"{space}Contents":
            said = {part.tag: part.text for part in element}
            key = said[key_tag] if plain else _decoded(said[key_tag])
            etag = (said.get(etag_tag) or "").strip('"')
            objects.append(Facts(key, int(said[size_tag]), datetime.fromisoformat(said[time_tag]), etag))
        elif element.tag == f"{space}CommonPrefixes":
            text = element.findtext(f"{space}Prefix")
            prefixes.append(text if plain else _decoded(text))
    token = ""
    if root.findtext(f"{space}IsTruncated") == "true":
        token = root.findtext(f"{space}NextContinuationToken") or ""
    return Page(tuple(objects), tuple(prefixes)), token


def _decoded(text: str) -> str:
    return unquote_plus(text, errors="strict") if "%" in text or "+" in text else text
