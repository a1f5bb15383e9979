"""Sends a file to an OpenAI-compatible endpoint and prints the answer as it streams: the bare call.

python agent_bare.py FILE     OPENAI_BASE_URL names the endpoint

It spares the collector and the interpreter's taking down as Spatio does, so that what is left is the run.
"""

import asyncio
import os
import sys

from spatio.entry import calm_collector

calm_collector()

import openai  # noqa: E402


async def main() -> None:
    client = openai.AsyncOpenAI(api_key="k", base_url=os.environ["OPENAI_BASE_URL"], max_retries=0)
    with open(sys.argv[1]) as file:
        asked = [{"role": "user", "content": file.read()}]
    stream = await client.chat.completions.create(model="m", messages=asked, stream=True)
    async for chunk in stream:
        if chunk.choices and chunk.choices[0].delta.content:
            sys.stdout.write(chunk.choices[0].delta.content)
    await client.close()


asyncio.run(main())
sys.stdout.flush()
os._exit(0)
