"""`/tasks`: a Markdown file each; status, priority, due and more stand in its front matter.

A task without a status is `todo`, or `done` below `/done`. Setting the status to `done` (or
`cancelled`) brings the file to `/done`, setting it back brings it to the top again.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from providers.notes import Markdown, listed
from providers.spec import Opening, Option, ProviderSpec
from providers.store.provider import StoreProvider
from vfs.node import Value
from vfs.path import Path

DONE = "done"
"""The folder of finished tasks."""

FINISHED = ("done", "cancelled", "canceled")
PRIORITIES = {"none": 0, "low": 1, "medium": 2, "normal": 2, "high": 3, "urgent": 3}
TIMES = ("scheduled_start", "scheduled_end", "completed")


class Task(Markdown):
    """Markdown whose front matter says what is to be done, and when."""

    def attributes(self, read: dict[str, Value], path: Path) -> dict[str, Value]:
        attrs = super().attributes(read, path)
        below_done = path.parts[:1] == (DONE,)
        status = attrs.get("status")
        attrs["status"] = str(status).lower() if status else ("done" if below_done else "todo")
        if "title" not in attrs:
            attrs["title"] = path.name.removesuffix(".md").replace("-", " ")
        if "priority" in attrs:
            attrs["priority"] = _priority(attrs["priority"])
        if isinstance(attrs.get("due"), datetime):
            attrs["due"] = _day(attrs["due"])
        for key in ("labels", "tags"):
            if key in attrs:
                attrs[key] = listed(attrs[key])
        return attrs

    def home(self, path: Path, attrs: Mapping[str, Value]) -> Path:
        finished = attrs.get("status") in FINISHED
        there = path.parts[:1] == (DONE,)
        if finished and not there:
            return Path((DONE,))
        return Path() if there and not finished else path.parent


def _priority(value: Value) -> Value:
    if isinstance(value, str):
        return PRIORITIES.get(value.strip().lower(), value)
    return value


def _day(value: Value) -> date | Value:
    return value.date() if isinstance(value, datetime) and not value.time() else value


COLLECTION = Option("collection", "the collection of the store that is shown", default="tasks")


def _open(opening: Opening) -> StoreProvider:
    return StoreProvider(opening.store(), opening.options.get("collection", "tasks"), Task())


PROVIDER = ProviderSpec("tasks", "tasks, kept in the workspace's own store", _open, (COLLECTION,))
