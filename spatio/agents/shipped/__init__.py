"""The agents that come with Spatio: one file each, put into `/agents` of a new workspace."""

from __future__ import annotations

import os


def shipped() -> dict[str, str]:
    """Name -> the agent's file, by name."""
    folder = os.path.dirname(__file__)
    texts = {}
    for file in sorted(os.listdir(folder)):
        if file.endswith(".md"):
            with open(os.path.join(folder, file), encoding="utf-8") as text:
                texts[file.removesuffix(".md")] = text.read()
    return texts
