"""Addresses and etags in one form, however a server spells them."""

from __future__ import annotations

from urllib.parse import quote, unquote_to_bytes, urljoin, urlsplit

_PLAIN = "!$&'()*+,;=:@~-._"


def path_of(href: str, base: str) -> str:
    """The path of an address that a server named within an answer from `base`, its escapes in one form."""
    try:
        path = urlsplit(urljoin(base, href)).path
    except ValueError:
        path = ""
    return "/".join(quote(unquote_to_bytes(part), safe=_PLAIN) for part in path.split("/")) or "/"


def folder_of(path: str) -> str:
    """The collection in which an item lies."""
    return path.rpartition("/")[0] + "/"


def origin_of(url: str) -> str:
    """Scheme, host and port."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"


def etag_of(text: str) -> str:
    """An etag without what proxies add to it (`W/`, `-gzip`), so that it can be compared; "" for none."""
    plain = text.strip().removeprefix("W/").strip('"').removesuffix("-gzip")
    return f'"{plain}"' if plain else ""


def unquoted(path: str) -> str:
    """A path, for a person."""
    return unquote_to_bytes(path).decode("utf-8", "replace")
