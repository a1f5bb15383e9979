"""Importing: all events of a calendar file into a calendar; what is there already is brought up to date."""

from __future__ import annotations

from importlib import import_module

from providers.calendar import kept, naming, single
from providers.calendar.changing import Changing
from providers.calendar.checking import wrong_in
from providers.calendar.given import given_files, once
from providers.store import rows
from providers.store.store import Connection
from vfs.action import Arguments, Change
from vfs.errors import BadName
from vfs.node import Kind, Node, Value
from vfs.path import Path
from vfs.provider import Mode

MOST_PROBLEMS = 20


async def import_file(changing: Changing, path: Path, arguments: Arguments, change: Change) -> Node:
    """How many events were new, changed, the same; and what is wrong with some, in `problems`.

    An event is known again by its UID, in whichever calendar it lies. Raises BadName for what is no calendar.
    """
    content = arguments.get("content")
    if not isinstance(content, str):
        raise BadName(path, "`content` must be the file, a character a byte")
    name = Path((str(arguments.get("name") or "the file"),))
    try:
        data = content.encode("latin-1")
    except UnicodeEncodeError:
        data = content.encode()
    left: list[str] = []
    parts = single.split(name, data, strict=False, left=left)
    lens = changing.lens
    folder = await changing.folder(str(arguments.get("calendar") or ""))
    shelf = lens.shelf

    def look(connection: Connection) -> tuple[dict[str, str], set[str]]:
        return kept.files_by_uid(connection, shelf), kept.names_in(connection, shelf, rows.path_text(folder))

    known, taken = await lens.store.read(look)
    files: list[tuple[Path, bytes]] = []
    changed = same = 0
    problems = [f"{problem}; left out" for problem in left][:MOST_PROBLEMS]
    for part in parts:
        event = single.main(part.series)
        problem = event.said.problem or wrong_in(event)
        if problem and len(problems) < MOST_PROBLEMS:
            problems.append(f"{part.title or 'an event'}: {problem}")
        if part.uid in known:
            if await _brought_up_to_date(changing, rows.to_path(known[part.uid]), part, change):
                changed += 1
            else:
                same += 1
            continue
        file = naming.free(naming.stored_name(part.title), part.uid, taken)
        taken.add(file)
        files.append((folder.child(file), part.data))
    if files:
        await changing.need(folder, change)
        async for _ in changing.editor.write_many(given_files(files), change):
            pass
    attrs: dict[str, Value] = {
        "new": len(files),
        "changed": changed,
        "same": same,
        "left": len(left),
        "problems": tuple(problems),
        "calendar": folder.name,
        "files": tuple(str(file) for file, _ in files),
    }
    return Node("", Kind.FOLDER, attrs=attrs)


async def _brought_up_to_date(changing: Changing, file: Path, part: single.Part, change: Change) -> bool:
    """Whether a stored event is another one, now that the same event came again."""
    stored = await changing.content(file)
    merged: bytes = import_module("providers.calendar.invitation").merged(stored, part.data)
    if merged == stored:
        return False
    await changing.editor.write(file, once(merged), change, Mode.REPLACE, None)
    return True
