"""What a stream looks like at the program's edge: plain descriptors, a terminal, JSON Lines.

The parts load on first use, so that output into a pipe brings no tables along.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from commands.render.cells import cell, plain, size_text, time_text
    from commands.render.fds import FdSink, FdSource
    from commands.render.jsonlines import JsonLines, json_line, json_text
    from commands.render.lanes import grid, grid_rows
    from commands.render.measure import fit, pad, width
    from commands.render.terminal import Terminal

__all__ = [
    "FdSink", "FdSource", "JsonLines", "Terminal", "cell", "fit", "grid", "grid_rows", "json_line",
    "json_text", "pad", "plain", "size_text", "time_text", "width",
]  # fmt: skip

_HOMES = {
    "FdSink": "fds",
    "FdSource": "fds",
    "JsonLines": "jsonlines",
    "Terminal": "terminal",
    "cell": "cells",
    "fit": "measure",
    "grid": "lanes",
    "grid_rows": "lanes",
    "json_line": "jsonlines",
    "json_text": "jsonlines",
    "pad": "measure",
    "plain": "cells",
    "size_text": "cells",
    "time_text": "cells",
    "width": "measure",
}


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{home}"), name)
