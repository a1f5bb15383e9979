"""Variables: values, what is exported or read-only, the scopes of functions, and the arguments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from spatio.shell.flow import ShellError

BLANKS = " \t\n"

LONGEST = 256 * 1024 * 1024
"""Characters of a value: a loop that doubles one ends here, and not with the machine's memory."""

Saved = dict[str, tuple[str | None, bool]]


class Variables:
    """The variables of one shell. A subshell works on a `copy`."""

    def __init__(self, exported: Mapping[str, str] | None = None) -> None:
        self.values: dict[str, str] = dict(exported or {})
        self.exported: set[str] = set(self.values)
        self.readonly: set[str] = set()
        self.scopes: list[Saved] = []
        self.args: list[str] = []
        self.name = "spatio"
        self.allexport = False

    def copy(self) -> Variables:
        twin = Variables()
        twin.values = dict(self.values)
        twin.exported = set(self.exported)
        twin.readonly = set(self.readonly)
        twin.scopes = [dict(scope) for scope in self.scopes]
        twin.args = list(self.args)
        twin.name = self.name
        twin.allexport = self.allexport
        return twin

    def get(self, name: str) -> str | None:
        return self.values.get(name)

    def set(self, name: str, value: str) -> None:
        """Raises ShellError when the variable is read-only, or the value beyond all measure."""
        if name in self.readonly:
            raise ShellError(f"{name}: readonly variable")
        if len(value) > LONGEST:
            raise ShellError(f"{name}: a value of more than {LONGEST:,} characters")
        self.values[name] = value
        if self.allexport:
            self.exported.add(name)

    def unset(self, name: str) -> None:
        """Raises ShellError when the variable is read-only."""
        if name in self.readonly:
            raise ShellError(f"{name}: cannot unset: readonly variable")
        self.values.pop(name, None)
        self.exported.discard(name)

    def environment(self) -> dict[str, str]:
        """The exported variables."""
        return {name: self.values[name] for name in self.exported if name in self.values}

    # -- functions

    def enter(self, args: Sequence[str]) -> list[str]:
        """Opens a function's scope with its arguments; returns those before, for `leave`."""
        before, self.args = self.args, list(args)
        self.scopes.append({})
        return before

    def leave(self, args: list[str]) -> None:
        """Closes the scope: what was local is as it was before."""
        self.restore(self.scopes.pop())
        self.args = args

    def local(self, name: str) -> None:
        """Makes a variable the innermost function's own, unset at first. Raises ShellError outside of one."""
        if not self.scopes:
            raise ShellError("local: can only be used in a function")
        if name in self.scopes[-1]:
            return
        if name in self.readonly:
            raise ShellError(f"local: {name}: readonly variable")
        self.scopes[-1][name] = (self.values.pop(name, None), name in self.exported)

    def save(self, names: Sequence[str]) -> Saved:
        """What `restore` needs to bring these variables back."""
        return {name: (self.values.get(name), name in self.exported) for name in names}

    def restore(self, saved: Saved) -> None:
        for name, (value, exported) in saved.items():
            if value is None:
                self.values.pop(name, None)
            else:
                self.values[name] = value
            if exported:
                self.exported.add(name)
            else:
                self.exported.discard(name)
