"""run_script: a text of shell on a workspace of its own, for tests and for programs that embed Spatio."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from commands import registry
from commands.stream import Collected, Given, Io
from providers.memory import Memory
from spatio.devices import Devices
from spatio.session import Session
from vfs.drive import drive
from vfs.mount import Mount, MountTable
from vfs.path import Path

HERE = Path(("files", "case"))
ENVIRONMENT = {"HOME": "/home/user", "USER": "user", "TZ": "UTC", "LC_ALL": "C.UTF-8"}


def run_script(text: str, files: Mapping[str, str | bytes], stdin: bytes = b"") -> tuple[int, bytes, bytes]:
    """Runs `text` in the folder `/files/case`, which holds `files`; (status, stdout, stderr).

    The workspace is fresh and gone afterwards. A name in `files` may be a path; its folders are made.
    """
    return drive(_run(text, files, stdin))


async def _run(text: str, files: Mapping[str, str | bytes], stdin: bytes) -> tuple[int, bytes, bytes]:
    mounts = MountTable()
    mounts.add(Mount(Path(("files",)), "memory", Memory))
    mounts.add(Mount(Path(("tmp",)), "memory", Memory))
    mounts.add(Mount(Path(("dev",)), "devices", Devices))
    session = Session(mounts, _Services(), env=ENVIRONMENT, cwd=HERE)
    await session.tree.mkdir(HERE, parents=True)
    for name, content in files.items():
        path = Path.parse(name, HERE)
        await session.tree.mkdir(path.parent, parents=True)
        await session.tree.write(path, content.encode() if isinstance(content, str) else content)
    out, errors = Collected(), Collected()
    result = await session.run(text, Io(Given(stdin), out, errors))
    await session.aclose()
    return result.status, out.data, errors.data


class _Services:
    commands: Any = registry

    def __getattr__(self, name: str) -> Any:
        raise NotImplementedError(name)
