"""What `connect` would do: which account, under which name, where in the tree. Nobody is asked anything."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from commands.accounts import Account, Plan, Wish
from commands.command import Usage
from spatio.login.kinds import DOMAINS, KINDS, Domain, domain_of, way_of
from vfs.errors import Exists
from vfs.mount import Mount, MountTable
from vfs.path import Path

LOCAL = "local"
"""Below a union, the name of what lies in this workspace alone."""

IsEmpty = Callable[[Mount], bool]
"""Whether nothing has been put into a local mount, so that an account may take its place."""

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
LONGEST = 320


def account_of(mount: Mount) -> Account | None:
    """The account that a mount is; None for any other mount."""
    domain = domain_of(mount.name)
    if domain is None:
        return None
    options, way = mount.options, way_of(mount.name)
    address = plain_address(options) if way is None else way.address(options)
    name = (
        mount.path.name if mount.path != domain.union else options.get("name") or _name(address, mount.name)
    )
    place = {"maildir": options.get("path", "")}.get(mount.name, "this workspace alone")
    return Account(mount.path, mount.name, name, address, place if way is None else way.place(options))


def plain_address(options: Mapping[str, str]) -> str:
    """The address in a mount's options, also where it is told as `Name <address>`, or by user and host."""
    user = options.get("address") or options.get("user") or ""
    if user.endswith(">"):
        user = user[:-1].rpartition("<")[2]
    return user if "@" in user or not options.get("host") else f"{user}@{options['host']}"


def plan(wish: Wish, mounts: MountTable, is_empty: IsEmpty = lambda mount: True) -> Plan:
    """What would be done. Raises Usage, Exists, Failure."""
    kind, way = KINDS[wish.kind], way_of(wish.kind)
    assert way is not None
    domain = next(one for one in DOMAINS if one.name == kind.domain)
    if not way.password and not kind.chooses and not (wish.address or wish.name or wish.at):
        wish = _which(wish, mounts)
    options, remarks = way.planned(wish)
    address = way.address(options)
    known = [one for one in map(account_of, mounts) if one is not None]
    same = [one for one in known if one.kind == wish.kind and address and one.address == address]
    if same:
        return _again(wish, same[0], options, mounts)
    taken = {one.name for one in known if _is_of(one.kind, domain)} | {LOCAL}
    taken |= {mount.path.name for mount in mounts.below(domain.union) if mount.path.parent == domain.union}
    name = wish.name or _name(address, wish.kind)
    if not _NAME.fullmatch(name):
        raise Usage(f"a name is lower-case letters, digits and -, but is '{name}'")
    if name in taken:
        if wish.name:
            raise Exists(name, "another account has this name", hint="run: connect")
        name = _free(name, address, taken)
    path, moves = _where(domain, wish, name, mounts, is_empty)
    options["collection"] = f"{domain.name}:{address}" if address else domain.name
    account = Account(path, wish.kind, name, address, way.place(options))
    question = way.question(options) if way.password else ""
    return Plan(wish, account, options, remarks, moves, password=way.password, question=question)


def _is_of(provider: str, domain: Domain) -> bool:
    return domain_of(provider) is domain


def _which(wish: Wish, mounts: MountTable) -> Wish:
    """Of somebody who names no address: the one account that is there. Raises Usage."""
    there = [one.address for one in map(account_of, mounts) if one is not None and one.kind == wish.kind]
    if len(there) > 1:
        raise Usage("several such accounts are connected", hint=f"name one: connect {wish.kind} {there[0]}")
    return wish._replace(address=there[0]) if there else wish


def _again(wish: Wish, account: Account, planned: Mapping[str, str], mounts: MountTable) -> Plan:
    """The account is there: its login is made anew, at the servers that its mount names."""
    if wish.at not in (None, account.path):
        raise Exists(account.path, f"{account.address} is connected here already", hint="run: disconnect")
    mount, way = mounts.at(account.path), way_of(wish.kind)
    assert mount is not None
    assert way is not None
    said = {name: planned.get(name, value) for name, value in wish.options.items()}
    if any(mount.options.get(name) != value for name, value in said.items()):
        hint = f"to change its settings: disconnect {account.path}, and connect it anew"
        raise Exists(account.path, f"{account.address} is connected here already", hint=hint)
    question = way.question(mount.options) if way.password else ""
    return Plan(
        wish, account, mount.options, ["connected already: its login is made anew"],
        password=way.password, question=question, again=True,
    )  # fmt: skip


def _where(
    domain: Domain, wish: Wish, name: str, mounts: MountTable, is_empty: IsEmpty
) -> tuple[Path, Sequence[tuple[Path, Path]]]:
    """Where the account goes, and which mount moves for it: the first account, or what is kept here alone."""
    union = domain.union
    present = mounts.at(union)
    if wish.at is not None and (wish.at != union or present is None or present.name != domain.local):
        if mounts.at(wish.at) is not None:
            raise Exists(wish.at, "something is mounted here already", hint=f"run: umount {wish.at}")
        return wish.at, ()
    if present is None:
        return (union, ()) if not mounts.holds(union) else (union.child(name), ())
    if present.name == "union":
        return union.child(name), ()
    if present.name == domain.local:
        if is_empty(present):
            return union, ()
        return union.child(name), [(union, union.child(LOCAL))]
    first = account_of(present)
    if first is None:
        raise Exists(union, f"{present.name} is mounted here", hint="choose another place: --at /PATH")
    return union.child(name), [(union, union.child(first.name))]


def _name(address: str, kind: str) -> str:
    """What a person would call an account: the provider of its address."""
    domain = address.rpartition("@")[2].lower()
    named = not re.fullmatch(r"[0-9.]+|.*:.*", domain)
    labels = [label for label in domain.split(".") if label not in _COMMON] if named else []
    word = re.sub(r"[^a-z0-9-]+", "-", labels[0] if labels else "").strip("-")[:40]
    return word or ("mail" if kind == "imap" else kind)


_COMMON = ("mail", "imap", "www", "caldav", "dav", "calendar")
"""What a host is called by what it does."""


def _free(name: str, address: str, taken: set[str]) -> str:
    """A name that no account has: with its user, or with a number."""
    user = re.sub(r"[^a-z0-9]+", "-", address.partition("@")[0].lower()).strip("-")
    first = f"{name}-{user}"[:40].strip("-") if user else name
    numbered = (f"{name[:36]}-{number}" for number in range(2, len(taken) + 3))
    return next(one for one in (first, *numbered) if one not in taken)


def is_address(text: str) -> bool:
    """Whether a text is NAME@DOMAIN."""
    user, at, domain = text.rpartition("@")
    return bool(at and user and domain) and text.isprintable() and not re.search(r"[\s/<>\"]", text)
