"""read_task: a task as people type it, `Pay rent due:friday !high #home project:flat`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple

from commands.command import Usage
from commands.dates import day_text, read_day
from vfs.frontmatter import head

PRIORITIES = {"none": 0, "low": 1, "medium": 2, "med": 2, "normal": 2, "high": 3, "urgent": 3}
_NAMES = ("none", "low", "medium", "high")
_LABEL = re.compile(r"#(?=\w*[^\W\d])[\w][\w/-]*")
_ESTIMATE = re.compile(r"\d+(\.\d+)?(min|m|h|d|w)")
_BULLET = re.compile(r"\s*(?:[-*+]\s+|\d+[.)]\s+)?(?:\[[ xX]?\]\s+)?")


class NewTask(NamedTuple):
    """What was understood."""

    title: str
    due: date | None = None
    priority: int | None = None
    labels: tuple[str, ...] = ()
    project: str | None = None
    estimate: str | None = None

    def content(self) -> str:
        """The file that holds it."""
        return head(
            {
                "title": self.title,
                "status": "todo",
                "priority": self.priority,
                "due": self.due,
                "labels": self.labels,
                "project": self.project,
                "estimate": self.estimate,
            }
        )

    def summary(self) -> str:
        """One line that says what was understood, dates in full."""
        parts = [self.title]
        if self.due is not None:
            parts.append(f"due {day_text(self.due)}")
        if self.priority is not None:
            parts.append(f"priority {self.priority} ({_NAMES[self.priority]})")
        parts += [f"#{label}" for label in self.labels]
        if self.project:
            parts.append(f"project {self.project}")
        if self.estimate:
            parts.append(f"estimate {self.estimate}")
        return ", ".join(parts)


def read_task(words: Sequence[str], now: datetime) -> NewTask:
    """The task that the words spell. Raises Usage for a date or a value that cannot be understood."""
    title: list[str] = []
    labels: list[str] = []
    task = NewTask("")
    for word in words:
        key, colon, value = word.partition(":")
        if colon and key.lower() in ("due", "priority", "project", "estimate", "label", "tag"):
            if not value:
                raise Usage(
                    f"{key}: needs a value", hint=f"for example {key.lower()}:{_example(key.lower())}"
                )
            if key.lower() in ("label", "tag"):
                labels += [one.strip("# ") for one in value.split(",") if one.strip("# ")]
            else:
                task = _with(task, key.lower(), value, now)
        elif is_label(word):
            labels.append(word[1:])
        elif word[:1] == "!" and len(word) > 1:
            task = task._replace(priority=_priority(word[1:]))
        else:
            title.append(word)
    if not title:
        raise Usage("a task needs a title", hint='for example: task add "Pay rent" due:friday !high #home')
    whole = " ".join(" ".join(title).split())
    return task._replace(title=whole, labels=tuple(dict.fromkeys(labels)))


def read_line(line: str, now: datetime) -> NewTask | None:
    """The task in a line of a list (`- [ ] Pay rent due:friday`); None for an empty line."""
    bullet = _BULLET.match(line)
    words = line[bullet.end() if bullet else 0 :].split()
    return read_task(words, now) if words else None


def is_label(word: str) -> bool:
    """Whether a word is meant as a label, such as `#home`; `#1234` is text."""
    return _LABEL.fullmatch(word) is not None


def _example(key: str) -> str:
    return {"due": "friday", "priority": "2", "project": "flat", "estimate": "2h"}.get(key, "home")


def _with(task: NewTask, key: str, value: str, now: datetime) -> NewTask:
    if key == "due":
        try:
            return task._replace(due=read_day(value, now))
        except ValueError as reason:
            raise Usage(f"due: {reason}") from None
    if key == "priority":
        return task._replace(priority=_priority(value))
    if key == "project":
        return task._replace(project=" ".join(value.split()))
    if not _ESTIMATE.fullmatch(value):
        raise Usage(f"estimate must be such as 30min, 2h or 1.5d, but is '{value}'")
    return task._replace(estimate=value)


def _priority(word: str) -> int:
    if word.lower() in PRIORITIES:
        return PRIORITIES[word.lower()]
    if word in ("0", "1", "2", "3"):
        return int(word)
    if not word.strip("!") and len(word) <= 2:
        return len(word) + 1
    raise Usage(f"a priority is !low, !medium or !high, or !0 to !3, but not '!{word}'")
