"""`/agents`: an agent is a Markdown file; its front matter says what it may do, the rest is its prompt."""

from __future__ import annotations

from providers.notes import Markdown
from providers.spec import Opening, Option, ProviderSpec
from providers.store.provider import StoreProvider

COLLECTION = Option("collection", "the collection of the store that is shown", default="agents")


def _open(opening: Opening) -> StoreProvider:
    return StoreProvider(opening.store(), opening.options.get("collection", "agents"), Markdown())


PROVIDER = ProviderSpec("agents", "agents, kept in the workspace's own store", _open, (COLLECTION,))
