"""The demo's tasks: what is to be done, with dates around today, and what has been done this year."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from spatio.demo.notes import Page
from spatio.demo.world import World, slug, stock


def all_tasks(world: World) -> Iterator[Page]:
    """Open tasks at the top, finished ones below `done/`."""
    raw = stock("tasks")
    for at, task in enumerate(raw["tasks"]):
        made = world.today - timedelta(days=3 + at % 40)
        yield _task(
            world,
            f"{_short(task['t'])}.md",
            made,
            {
                "title": _plain(task["t"]),
                "status": "doing" if task["p"] == 3 else "todo",
                "priority": str(task["p"]),
                "due": str(world.today + timedelta(days=task["days"])),
                "labels": f"[{', '.join(task['labels'])}]",
                "project": task["project"],
                "estimate": f"{task['minutes']}m",
            },
            task["body"],
        )
    for name, titles in raw["done"].items():
        project = world.projects.get(name)
        first = project.starts if project else world.today - timedelta(weeks=45)
        last = min(project.ends, world.today) if project else world.today
        for at, title in enumerate(titles):
            day = first + (last - first) * (at + 1) // (len(titles) + 1)
            yield _task(
                world,
                f"done/{_short(title)}.md",
                day,
                {
                    "title": _plain(title),
                    "status": "done",
                    "priority": str(1 + at % 3),
                    "due": str(day + timedelta(days=at % 5 - 1)),
                    "labels": "[work]" if project and project.client else "[home]",
                    "project": name if project else "",
                    "completed": str(day),
                },
                "",
            )


def _task(world: World, path: str, day: date, head: dict[str, str], body: str) -> Page:
    lines = [f"{key}: {value}" for key, value in head.items() if value]
    text = "---\n" + "\n".join(lines) + "\n---\n" + (world.fill(body, world.today) + "\n" if body else "")
    return Page(path, text.encode(), day)


def _short(title: str) -> str:
    """A file name of at most 48 letters, cut between words."""
    name = slug(title)
    return name if len(name) <= 48 else name[:49].rpartition("-")[0]


def _plain(title: str) -> str:
    return f'"{title}"' if any(char in title for char in ":#'") else title
