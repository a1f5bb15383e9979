"""Path: absolute, normal, immutable. The only way from text to a place in the tree."""

from __future__ import annotations

from functools import total_ordering
from typing import Self


@total_ordering
class Path:
    """A place in the tree as a tuple of names; `()` is the root.

    Not `str` and not `pathlib`: `.` and `..` cannot survive, and `Path.parse(str(p)) == p` for
    every path. Names may hold any character but `/` and NUL; whether a name may be *created* is
    `vfs.names.check`'s to say.
    """

    __slots__ = ("parts",)
    parts: tuple[str, ...]

    def __init__(self, parts: tuple[str, ...] = ()) -> None:
        object.__setattr__(self, "parts", parts)

    @classmethod
    def parse(cls, text: str, cwd: Path | None = None) -> Self:
        """The path that `text` names, read from `cwd` (default: the root) when it is relative.

        `..` at the root stays at the root. Raises ValueError when `text` holds a NUL.
        """
        if "\0" in text:
            raise ValueError("a path cannot hold a NUL character")
        parts: list[str] = [] if cwd is None or text.startswith("/") else list(cwd.parts)
        for name in text.split("/"):
            if name == "..":
                if parts:
                    parts.pop()
            elif name and name != ".":
                parts.append(name)
        return cls(tuple(parts))

    @property
    def name(self) -> str:
        """The last name; `""` for the root."""
        return self.parts[-1] if self.parts else ""

    @property
    def parent(self) -> Path:
        """The folder that holds this; the root is its own parent."""
        return Path(self.parts[:-1])

    @property
    def suffix(self) -> str:
        """The last `.ext` of the name, lower case, or `""`."""
        stem, dot, ext = self.name.rpartition(".")
        return f".{ext.lower()}" if dot and stem else ""

    def child(self, name: str) -> Path:
        """The entry `name` of this folder; `name` is one name, never a path."""
        return Path((*self.parts, name))

    def join(self, other: Path) -> Path:
        """`other` taken as a path below this one."""
        return Path(self.parts + other.parts)

    def is_under(self, folder: Path) -> bool:
        """Whether this is `folder` or lies below it, compared name by name."""
        return self.parts[: len(folder.parts)] == folder.parts

    def below(self, folder: Path) -> Path:
        """This path as seen from `folder`. Raises ValueError when it does not lie there."""
        if not self.is_under(folder):
            raise ValueError(f"{self} is not under {folder}")
        return Path(self.parts[len(folder.parts) :])

    def __str__(self) -> str:
        return "/" + "/".join(self.parts)

    def __repr__(self) -> str:
        return f"Path({str(self)!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Path) and self.parts == other.parts

    def __lt__(self, other: Path) -> bool:
        return self.parts < other.parts

    def __hash__(self) -> int:
        return hash(self.parts)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError("a Path is immutable")


ROOT = Path()
