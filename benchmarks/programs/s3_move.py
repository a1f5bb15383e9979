"""Objects up and down, and listings, by one client of three; prints what the work alone took.

python s3_move.py CLIENT WORK ENDPOINT BUCKET FOLDER WIDTH

CLIENT  ours, obstore, boto3
WORK    up (the files of FOLDER), down (back into FOLDER), puts (4,000 of 2 KB), list
"""

from __future__ import annotations

import asyncio
import json
import os
import pathlib
import resource
import sys
import time
from collections.abc import Awaitable, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

BLOCK = 1024 * 1024
PART = 8 * BLOCK
PUTS = 4000
ACCESS, SECRET, REGION = "testkey", "testsecret", "us-east-1"
client_name, work, endpoint, bucket, folder, width_text = sys.argv[1:]
width = int(width_text)
place = pathlib.Path(folder)
small = os.urandom(2048)


async def many(items: Iterable[str], call: Callable[[str], Awaitable[object]]) -> None:
    waiting = iter(items)

    async def worker() -> None:
        for item in waiting:
            await call(item)

    await asyncio.gather(*[worker() for _ in range(width)])


def listed_names() -> list[str]:
    return sorted(path.name for path in place.iterdir())


async def pieces(path: pathlib.Path) -> Any:
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            yield block


def ours() -> None:
    from providers.s3.address import Location
    from providers.s3.client import connect

    async def run() -> None:
        there = connect(
            Location.parse(f"s3://{bucket}", endpoint=endpoint), lambda name: f"{ACCESS}:{SECRET}"
        )

        async def up(name: str) -> None:
            path = place / name
            await there.put(name, path.read_bytes() if path.stat().st_size <= PART else pieces(path))

        async def down(name: str) -> None:
            with (place / name).open("wb") as file:
                async for block in there.get(name):
                    file.write(block)

        if work == "puts":
            await many((f"k{number}" for number in range(PUTS)), lambda key: there.put(key, small))
        elif work == "list":
            assert sum([len(page.objects) async for page in there.list()]) == 40_000
        elif work == "up":
            await many(listed_names(), up)
        else:
            names = [facts.key async for page in there.list() for facts in page.objects]
            await many(names, down)
        await there.aclose()

    asyncio.run(run())


def bare_obstore() -> None:
    import obstore
    from obstore.store import S3Store

    store = S3Store(
        bucket,
        config={
            "endpoint": endpoint,
            "region": REGION,
            "access_key_id": ACCESS,
            "secret_access_key": SECRET,
            "checksum_algorithm": "SHA256",
        },
        client_options={"allow_http": True, "timeout": "300s"},
    )

    async def up(name: str) -> None:
        path = place / name
        if path.stat().st_size <= PART:
            await obstore.put_async(store, name, path.read_bytes(), use_multipart=False)
        else:
            await obstore.put_async(store, name, pieces(path), chunk_size=PART, max_concurrency=4)

    async def down(name: str) -> None:
        answer = await obstore.get_async(store, name)
        with (place / name).open("wb") as file:
            async for block in answer.stream(BLOCK):
                file.write(block)

    async def run() -> None:
        if work == "puts":
            put = lambda key: obstore.put_async(store, key, small, use_multipart=False)
            await many((f"k{number}" for number in range(PUTS)), put)
        elif work == "up":
            await many(listed_names(), up)
        else:
            names = [entry["path"] for page in obstore.list(store, chunk_size=1000) for entry in page]
            if work == "down":
                await many(names, down)

    asyncio.run(run())


def bare_boto3() -> None:
    import boto3
    from boto3.s3.transfer import TransferConfig
    from botocore.config import Config

    options = {"endpoint_url": endpoint, "region_name": REGION, "config": Config(max_pool_connections=width)}
    there = boto3.client("s3", aws_access_key_id=ACCESS, aws_secret_access_key=SECRET, **options)
    transfer = TransferConfig(multipart_threshold=PART + 1, multipart_chunksize=PART, max_concurrency=4)

    def names() -> list[str]:
        pages = there.get_paginator("list_objects_v2").paginate(Bucket=bucket)
        return [entry["Key"] for page in pages for entry in page.get("Contents", ())]

    calls: dict[str, Callable[[str], object]] = {
        "puts": lambda key: there.put_object(Bucket=bucket, Key=key, Body=small),
        "up": lambda name: there.upload_file(str(place / name), bucket, name, Config=transfer),
        "down": lambda name: there.download_file(bucket, name, str(place / name), Config=transfer),
    }
    if work == "list":
        names()
        return
    items = [f"k{number}" for number in range(PUTS)] if work == "puts" else listed_names()
    with ThreadPoolExecutor(width) as threads:
        list(threads.map(calls[work], names() if work == "down" else items))


def spent() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


started, before = time.perf_counter(), spent()
{"ours": ours, "obstore": bare_obstore, "boto3": bare_boto3}[client_name]()
wall, cpu = time.perf_counter() - started, spent() - before
print(json.dumps([wall, cpu, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024]), flush=True)
# obstore's own threads may call into an interpreter that is gone, which aborts the process.
os._exit(0)
