"""The servers, once a run."""

from tests.servers.radicale import radicale
from tests.servers.xandikos import xandikos

__all__ = ["radicale", "xandikos"]
