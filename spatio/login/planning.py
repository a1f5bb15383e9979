"""What `connect` would do: which servers, under which name, where in the tree. Nobody is asked anything."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from commands.accounts import Account, Plan, Wish
from commands.command import Failure, Usage
from spatio.login.mailhosts import MailHosts, known_hosts
from vfs.errors import Exists
from vfs.mount import Mount, MountTable
from vfs.path import Path

KINDS = {
    "imap": "a mailbox at any mail server, by IMAP and SMTP, with a password",
    "gmail": "a mailbox at Gmail, by a login in the browser",
}
"""What can be connected."""

UNION = Path(("mail",))
"""Where one mailbox is mounted, or all of them together."""

_MAILBOXES = ("imap", "gmail", "mailbox", "maildir")
PORTS = {"tls": 993, "starttls": 143, "none": 143}
SMTP_PORTS = {"tls": 465, "starttls": 587, "none": 587}

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
_HOST = re.compile(r"(?=.{1,253}\Z)[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?|\[?[0-9A-Fa-f:.]+\]?")
LONGEST = 320


def account_of(mount: Mount) -> Account | None:
    """The account that a mount is; None for any other mount."""
    if mount.name not in _MAILBOXES:
        return None
    options = mount.options
    address = _address(options)
    name = mount.path.name if mount.path != UNION else options.get("name") or _name(address, mount.name)
    return Account(mount.path, mount.name, name, address, _place(mount.name, options))


def _address(options: Mapping[str, str]) -> str:
    user = options.get("address") or options.get("user") or ""
    if user.endswith(">"):
        user = user[:-1].rpartition("<")[2]
    return user if "@" in user or not options.get("host") else f"{user}@{options['host']}"


def _place(kind: str, options: Mapping[str, str]) -> str:
    if kind == "imap":
        ways = [_server(options, "", PORTS)]
        if options.get("smtp_host"):
            ways.append(_server(options, "smtp_", SMTP_PORTS))
        return ", ".join(ways)
    return {"gmail": "Gmail", "maildir": options.get("path", "")}.get(kind, "this workspace alone")


def _server(options: Mapping[str, str], part: str, ports: Mapping[str, int]) -> str:
    security = options.get(f"{part}security") or "tls"
    port = options.get(f"{part}port") or ports.get(security, 0)
    return f"{options.get(f'{part}host', '')}:{port} ({security.upper() if security != 'none' else 'plain'})"


def plan(wish: Wish, mounts: MountTable) -> Plan:
    """What would be done. Raises Usage, Exists, Failure."""
    if wish.kind == "gmail" and not (wish.address or wish.name or wish.at):
        wish = _which(wish, mounts)
    options, remarks = _imap(wish) if wish.kind == "imap" else (_gmail(wish), [])
    address = _address(options)
    known = [one for one in map(account_of, mounts) if one is not None]
    same = [one for one in known if one.kind == wish.kind and address and one.address == address]
    if same:
        return _again(wish, same[0], mounts)
    taken = {one.name for one in known}
    name = wish.name or _name(address, wish.kind)
    if not _NAME.fullmatch(name):
        raise Usage(f"a name is lower-case letters, digits and -, but is '{name}'")
    if name in taken:
        if wish.name:
            raise Exists(name, "another account has this name", hint="run: connect")
        name = _free(name, address, taken)
    path, moves = _where(wish, name, mounts)
    options["collection"] = f"mail:{address}" if address else "mail"
    account = Account(path, wish.kind, name, address, _place(wish.kind, options))
    return Plan(wish, account, options, remarks, moves, password=wish.kind == "imap")


def _which(wish: Wish, mounts: MountTable) -> Wish:
    """Of somebody who names no address: the one account that is there. Raises Usage."""
    there = [one.address for one in map(account_of, mounts) if one is not None and one.kind == wish.kind]
    if len(there) > 1:
        raise Usage("several such accounts are connected", hint=f"name one: connect {wish.kind} {there[0]}")
    return wish._replace(address=there[0]) if there else wish


def _again(wish: Wish, account: Account, mounts: MountTable) -> Plan:
    """The account is there: its login is made anew, at the servers that its mount names."""
    if wish.at not in (None, account.path):
        raise Exists(account.path, f"{account.address} is connected here already", hint="run: disconnect")
    mount = mounts.at(account.path)
    assert mount is not None
    said = {name: value for name, value in wish.options.items() if mount.options.get(name) != value}
    if said:
        hint = f"to change its settings: disconnect {account.path}, and connect it anew"
        raise Exists(account.path, f"{account.address} is connected here already", hint=hint)
    return Plan(
        wish, account, mount.options, ["connected already: its login is made anew"],
        password=wish.kind == "imap", again=True,
    )  # fmt: skip


def _where(wish: Wish, name: str, mounts: MountTable) -> tuple[Path, Sequence[tuple[Path, Path]]]:
    """Where the account goes, and which other account moves: the first one, when a second one comes."""
    present = mounts.at(UNION)
    if wish.at is not None:
        if mounts.at(wish.at) is not None:
            raise Exists(wish.at, "something is mounted here already", hint=f"run: umount {wish.at}")
        return wish.at, ()
    if present is None:
        return (UNION, ()) if not mounts.holds(UNION) else (UNION.child(name), ())
    if present.name == "union":
        return UNION.child(name), ()
    first = account_of(present)
    if first is None:
        raise Exists(UNION, f"{present.name} is mounted here", hint="choose another place: --at /PATH")
    return UNION.child(name), [(UNION, UNION.child(first.name))]


def _name(address: str, kind: str) -> str:
    """What a person would call an account: the provider of its address."""
    domain = address.rpartition("@")[2].lower()
    labels = [label for label in domain.split(".") if label not in ("mail", "imap", "www")]
    word = re.sub(r"[^a-z0-9-]+", "-", labels[0] if labels else "").strip("-")[:40]
    return word or ("mail" if kind == "imap" else kind)


def _free(name: str, address: str, taken: set[str]) -> str:
    """A name that no account has: with its user, or with a number."""
    user = re.sub(r"[^a-z0-9]+", "-", address.partition("@")[0].lower()).strip("-")
    first = f"{name}-{user}"[:40].strip("-") if user else name
    numbered = (f"{name[:36]}-{number}" for number in range(2, len(taken) + 3))
    return next(one for one in (first, *numbered) if one not in taken)


def _gmail(wish: Wish) -> dict[str, str]:
    if wish.address and not _is_address(wish.address):
        raise Usage(f"an address is NAME@DOMAIN, but is '{wish.address}'")
    if extra := sorted(wish.options):
        raise Usage(f"Gmail has no setting {extra[0].replace('_', '-')}")
    return {"address": wish.address.lower()} if wish.address else {}


def _imap(wish: Wish) -> tuple[dict[str, str], list[str]]:
    given = dict(wish.options)
    if wish.client or wish.device or wish.allow:
        raise Usage("--client, --device and --allow are for gmail")
    if wish.address and not _is_address(wish.address):
        raise Usage(f"an address is NAME@DOMAIN, but is '{wish.address}'")
    user = given.get("user") or wish.address
    if not user or not user.isprintable() or len(user) > LONGEST:
        raise Usage("connect imap needs an address or a --user", hint="connect imap ada@example.org")
    domain = (wish.address or user).rpartition("@")[2] if "@" in (wish.address or user) else ""
    known = known_hosts(domain) if domain and not given.get("host") else None
    if known is not None and not known.imap:
        raise Failure(f"{domain}: {known.remark}")
    if not given.get("host") and known is None:
        what = f"the servers of {domain} are not known" if domain else "which server?"
        raise Usage(what, hint=f"name them: connect imap {user} --host HOST --smtp-host HOST")
    options, remarks = _servers(given, known, user)
    if wish.address and wish.address != user:
        options["address"] = wish.address
    return options, remarks


def _servers(
    given: Mapping[str, str], known: MailHosts | None, user: str
) -> tuple[dict[str, str], list[str]]:
    options = {"host": given.get("host") or (known.imap if known else ""), "user": user}
    remarks = []
    if known is not None:
        found = {"smtp_host": known.smtp, "smtp_port": str(known.smtp_port)}
        if known.smtp_security != "tls":
            found["smtp_security"] = known.smtp_security
        options |= {name: value for name, value in found.items() if name not in given}
        if known.remark:
            remarks.append(f"{options['host']}: {known.remark}")
    options |= {name: value for name, value in given.items() if value}
    if options.get("smtp_port") == str(SMTP_PORTS[options.get("smtp_security", "tls")]):
        del options["smtp_port"]
    for name in ("host", "smtp_host"):
        if options.get(name) and not _HOST.fullmatch(options[name]):
            raise Usage(f"a host is a name or an address, but is '{options[name]}'")
    if not options.get("smtp_host"):
        remarks.append("no server to send by: what you write cannot be sent (--smtp-host HOST names one)")
    return options, remarks


def _is_address(text: str) -> bool:
    user, at, domain = text.rpartition("@")
    return bool(at and user and domain) and text.isprintable() and not re.search(r"[\s/<>\"]", text)
