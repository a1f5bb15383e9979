"""The file of blocks: other tools read it, and no byte of it can change unnoticed."""

from __future__ import annotations

import pathlib
import random
import subprocess
import tarfile
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as some

from providers.store.moving.blocks import BlockReader, BlockWriter, packed, unpacked
from tests.store.desk import FULL
from vfs.errors import Corrupt

BLOCKS = (("first.json", b"{}\n"), ("rows/a.0001.gz", packed(b"one\ntwo\n", 6)), ("empty", b""))


def written(place: pathlib.Path, blocks: Sequence[tuple[str, bytes]] = BLOCKS) -> bytes:
    with open(place, "wb") as file:
        writer = BlockWriter(file, 1_700_000_000)
        for name, data in blocks:
            writer.add(name, data)
        writer.finish()
        writer.close()
    return place.read_bytes()


def read(place: pathlib.Path) -> list[tuple[str, bytes]]:
    with open(place, "rb") as file:
        return [(block.name, data) for block, data in BlockReader(file, "FILE").checked()]


def test_blocks_come_back_in_order(tmp_path: pathlib.Path) -> None:
    written(tmp_path / "a")
    assert read(tmp_path / "a") == list(BLOCKS)


def test_a_block_is_read_again_from_where_it_lies(tmp_path: pathlib.Path) -> None:
    written(tmp_path / "a")
    with open(tmp_path / "a", "rb") as file:
        reader = BlockReader(file, "FILE")
        assert [reader.read(block) for block, _ in reader.checked()] == [data for _, data in BLOCKS]


@given(some.lists(some.binary(max_size=2000), max_size=6))
def test_any_bytes_come_back(tmp_path_factory: pytest.TempPathFactory, contents: list[bytes]) -> None:
    place = tmp_path_factory.mktemp("blocks") / "a"
    blocks = [(f"block.{number}", data) for number, data in enumerate(contents)]
    written(place, blocks)
    assert read(place) == blocks


def test_other_tools_list_unpack_and_check_it(tmp_path: pathlib.Path) -> None:
    written(tmp_path / "a")
    with tarfile.open(tmp_path / "a") as archive:
        assert archive.getnames() == [*[name for name, _ in BLOCKS], "SHA256SUMS", "SHA256"]
    subprocess.run(["tar", "xf", "a"], cwd=tmp_path, check=True)
    subprocess.run(["sha256sum", "--quiet", "-c", "SHA256SUMS"], cwd=tmp_path, check=True)
    assert subprocess.check_output(["zcat", tmp_path / "rows" / "a.0001.gz"]) == b"one\ntwo\n"


def test_every_flipped_bit_is_noticed(tmp_path: pathlib.Path) -> None:
    place = tmp_path / "a"
    data = written(place)
    chance = random.Random(3)
    places = range(len(data)) if FULL else [*range(0, len(data), 13), *range(len(data) - 500, len(data))]
    for at in places:
        flipped = bytearray(data)
        flipped[at] ^= 1 << chance.randrange(8)
        place.write_bytes(flipped)
        with pytest.raises(Corrupt, match="the backup is damaged"):
            read(place)


def test_a_file_that_is_shorter_or_longer_is_noticed(tmp_path: pathlib.Path) -> None:
    place = tmp_path / "a"
    data = written(place)
    ends = [at + by for at in range(0, len(data), 512) for by in (-1, 0, 1) if 0 <= at + by < len(data)]
    for length in range(len(data)) if FULL else [*ends, *range(0, len(data), 31)]:
        place.write_bytes(data[:length])
        with pytest.raises(Corrupt, match="the backup is damaged"):
            read(place)
    for more in (b"\0", bytes(512), data):
        place.write_bytes(data + more)
        with pytest.raises(Corrupt, match="the backup is damaged"):
            read(place)


def test_a_block_that_is_packed_is_one_block(tmp_path: pathlib.Path) -> None:
    whole = packed(b"text", 6)
    assert unpacked(whole) == b"text"
    for wrong in (whole[:-1], whole + b"x", whole + whole, b"", b"text"):
        with pytest.raises(ValueError, match=r"."):
            unpacked(wrong)


def test_a_size_that_lies_is_no_more_than_damage(tmp_path: pathlib.Path) -> None:
    facts = tarfile.TarInfo("huge")
    facts.size = 8**11 - 1
    place = tmp_path / "a"
    place.write_bytes(facts.tobuf(tarfile.USTAR_FORMAT))
    with pytest.raises(Corrupt):
        read(place)
