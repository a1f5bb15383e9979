"""Sends a file to an OpenAI-compatible endpoint and prints the answer as it streams: the bare call.

python agent_bare.py FILE [spared]     OPENAI_BASE_URL names the endpoint

`spared` it starts and ends as Spatio does: few passes of the collector, no taking down of the interpreter.
"""

import gc
import os
import sys

SPARED = sys.argv[2:] == ["spared"]
if SPARED:
    gc.freeze()
    gc.set_threshold(100_000, 20, 100)

import asyncio  # noqa: E402

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
if SPARED:
    sys.stdout.flush()
    os._exit(0)
