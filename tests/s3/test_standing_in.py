"""Without obstore, boto3 does it all; and neither is loaded before it is needed."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.servers.stub import Stub

WITHOUT = """
import sys
class Block:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == "obstore":
            raise ModuleNotFoundError(name)
sys.meta_path.insert(0, Block())
"""

BROKEN = """
import sys
sys.modules["obstore"] = None
"""

WORK = """
from providers.s3.address import Location
from providers.s3.client import PART, connect
from vfs.drive import drive
bucket = connect(Location.parse(f"s3://bucket?endpoint={sys.argv[1]}"), lambda name: "a:b")
async def go():
    await bucket.put("a//b", b"hello", only_new=True)
    await bucket.put("a", bytes(PART + 5))
    await bucket.copy("a", "c")
    pages = [page async for page in bucket.list()]
    assert [facts.key for facts in pages[0].objects] == ["a", "a//b", "c"]
    assert sum([len(block) async for block in bucket.get("c")]) == PART + 5
    assert (await bucket.sign("a", 60)).startswith(sys.argv[1])
    await bucket.delete(["a", "a//b", "c"])
    await bucket.aclose()
drive(go())
print(" ".join(sorted({name.partition(".")[0] for name in sys.modules})))
"""

SMALL = """
import sys
from providers.s3.address import Location
from providers.s3.client import connect
from vfs.drive import drive
bucket = connect(Location.parse(f"s3://bucket?endpoint={sys.argv[1]}"), lambda name: "a:b")
loaded = {name.partition(".")[0] for name in sys.modules}
assert not loaded & {"obstore", "boto3", "botocore", "urllib3", "ssl"}, loaded
async def go():
    await bucket.put("a", b"hello")
    assert b"".join([block async for block in bucket.get("a")]) == b"hello"
    assert [page async for page in bucket.list()]
    await bucket.sign("a", 60, filename="b")
    await bucket.delete(["a"])
drive(go())
print(" ".join(sorted({name.partition(".")[0] for name in sys.modules})))
"""


def run(code: str, *args: str) -> list[str]:
    done = subprocess.run([sys.executable, "-c", code, *args], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


@pytest.mark.parametrize("blocked", [WITHOUT, BROKEN])
def test_without_obstore_boto3_does_it_all(stub: Stub, blocked: str) -> None:
    loaded = run(blocked + WORK, stub.endpoint)
    assert "botocore" in loaded
    assert stub.objects == {}


def test_small_objects_listings_and_links_cost_no_boto3(stub: Stub) -> None:
    loaded = run(SMALL, stub.endpoint)
    assert "obstore" in loaded
    assert not {"boto3", "botocore", "urllib3"} & set(loaded)
