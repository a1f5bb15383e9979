"""Service: where the requests for a bucket go, and under which name."""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import quote, urlsplit

from providers.s3.address import Location
from providers.s3.credentials import Keys

UNRESERVED = "-._~"


class Service(NamedTuple):
    """A bucket's place in the net."""

    bucket: str
    region: str
    root: str
    """`https://host`; of a bucket with a host of its own, that host."""
    virtual: bool
    """The bucket is in the host's name, not in the path."""

    @classmethod
    def of(cls, location: Location, keys: Keys) -> Service:
        """For a location and its keys. A bucket with dots stays in the path: no certificate fits its host."""
        region = keys.region or "us-east-1"
        root = keys.endpoint
        virtual = location.style == "virtual"
        if root is None:
            suffix = "amazonaws.com.cn" if region.startswith("cn-") else "amazonaws.com"
            root = f"https://s3.{region}.{suffix}"
            virtual = location.style != "path" and "." not in location.bucket
        if virtual:
            scheme, _, host = root.partition("://")
            root = f"{scheme}://{location.bucket}.{host}"
        return cls(location.bucket, region, root, virtual)

    @property
    def host(self) -> str:
        return urlsplit(self.root).netloc

    def path(self, key: str = "") -> str:
        """The path of a key, or of the bucket, as it is sent and signed."""
        base = urlsplit(self.root).path
        own = quote(key, safe=f"/{UNRESERVED}")
        return f"{base}/{own}" if self.virtual else f"{base}/{quote(self.bucket, safe=UNRESERVED)}/{own}"
