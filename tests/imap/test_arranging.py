"""Folders that are made, renamed and removed from here."""

from __future__ import annotations

import pathlib

import pytest

from providers.mirror.remote import Arranges
from tests.imap.post import drive, folder, message, opened
from tests.imap.test_mirror import change, mounted, names
from tests.servers.dovecot import Mailbox
from vfs.errors import BadName, NotEmpty, NotFound, Refused
from vfs.path import Path


def test_folders_are_made_renamed_and_dropped(any_box: Mailbox) -> None:
    async def arranged() -> None:
        async with opened(any_box) as remote:
            assert isinstance(remote, Arranges)
            club = await remote.make(Path.parse("/club"))
            assert (club.key, str(club.path)) == ("club", "/club")
            assert await remote.make(Path.parse("/club")) == club
            inner = await remote.make(Path.parse("/club/größe"))
            assert inner.key == "club/gr&APYA3w-e"
            renamed = await remote.rename(club, Path.parse("/circle"))
            assert renamed.key == "circle"
            assert await remote.rename(club, Path.parse("/circle")) == renamed
            inner = await folder(remote, "/circle/größe")
            await remote.drop(inner)
            await remote.drop(inner)
            any_box.append([message(1)], "circle")
            with pytest.raises(NotEmpty):
                await remote.drop(renamed)
            assert any_box.uids("circle") == [1]

    drive(arranged())


def test_what_cannot_be_arranged_is_told(box: Mailbox) -> None:
    async def told() -> None:
        async with opened(box) as remote:
            inbox = await folder(remote, "/inbox")
            with pytest.raises(Refused):
                await remote.rename(inbox, Path.parse("/other"))
            with pytest.raises(Refused):
                await remote.drop(inbox)
            with pytest.raises(NotFound):
                await remote.make(Path.parse("/nowhere/inside"))
            with pytest.raises(BadName):
                await remote.make(Path(("a/b",)))

    drive(told())


def test_a_folder_that_is_made_here_is_made_there(box: Mailbox, tmp_path: pathlib.Path) -> None:
    box.append([message(1)])

    async def lived() -> None:
        async with mounted(box, tmp_path) as mirror:
            await mirror.engine.sync()
            await mirror.mkdir(Path.parse("/projects"), change())
            (name,) = await names(mirror)
            await mirror.move(Path.parse(f"/inbox/{name}"), Path.parse(f"/projects/{name}"), change())
            await mirror.engine.sync()
            assert box.uids("projects") == [1]
            assert await names(mirror, "/projects") == [name]
            await mirror.move(Path.parse("/projects"), Path.parse("/plans"), change())
            await mirror.engine.sync()
            assert box.uids("plans") == [1]
            report = await mirror.engine.sync()
            assert (report.counts.new, report.counts.gone) == (0, 0)
            assert await names(mirror, "/plans") == [name]

    drive(lived())
