"""Rules: what the rules of an account do to mail that has come since they looked last.

Whoever syncs calls `apply_rules` afterwards. Each mail goes once through the rules that are on, in the order
of their names. What a rule changes is a command of its own in the log, by `rule:NAME`. A crash in
between means that a mail goes through again: moving, marking and labelling then find nothing to do, and
an agent's answer, whose command has the same id each time, is not written twice.
"""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

from commands.command import Failure, Usage
from commands.mailing.judging import judged
from commands.mailing.mark import labelled
from commands.mailing.places import Mail
from commands.mailing.rulefile import FOLDER, MARKS, SUFFIX, Rule, read_rule
from commands.stream import Collected, Io, Nothing
from providers.mirror import news
from vfs.action import Change
from vfs.closing import Closing
from vfs.errors import NotFound, VfsError
from vfs.ids import uuid7
from vfs.names import marked
from vfs.node import Value
from vfs.path import Path
from vfs.provider import Mode

if TYPE_CHECKING:
    from providers.mirror.news import Claim
    from spatio.session import Session
    from spatio.workspace import Workspace

AT_ONCE = 200
"""Mails that are asked for at once."""


class Outcome(NamedTuple):
    """What a rule did to a mail, or what kept it from that. `path` is where the mail was."""

    rule: str
    path: Path
    did: str
    wrong: str = ""

    @property
    def line(self) -> str:
        """It in a line, for a log."""
        return f"rule {self.rule}: {self.path}: {self.wrong or self.did}"


async def apply_rules(workspace: Workspace, account: Path, collection: str) -> list[Outcome]:
    """Lets the rules of the account at `account`, whose replica lies in `collection`, look at new mail.

    Returns what they did and what went wrong, rule files that cannot be read included. What one rule
    cannot do keeps no other from its work. Nothing is done where somebody else is at it.
    """
    session = workspace.session(actor="rule:")
    outcomes: list[Outcome] = []
    rules = await _rules(session, account, outcomes)
    folders = list(dict.fromkeys([folder for rule in rules for folder in rule.folders]))
    for folder in folders:
        inner = Path.parse(folder)
        here = [rule for rule in rules if folder in rule.folders]
        lease = uuid7()
        try:
            held = await news.claim(workspace.store(), collection, inner, lease)
            if held is None:
                continue
            async with Closing(_folder(workspace, session, account, held, here)) as done:
                outcomes.extend([outcome async for outcome in done])
        finally:
            await news.let_go(workspace.store(), collection, lease)
    return outcomes


async def _rules(session: Session, account: Path, outcomes: list[Outcome]) -> Sequence[Rule]:
    """The rules that are on, by name."""
    folder = account.child(FOLDER)
    found: list[Rule] = []
    names: list[str] = []
    with suppress(NotFound):
        async with Closing(session.tree.list(folder)) as pages:
            names = [node.name async for page in pages for node in page if node.name.endswith(SUFFIX)]
    for name in names:
        path = folder.child(name)
        try:
            data = await session.tree.read(path)
            rule = read_rule(name.removesuffix(SUFFIX), data, session.now())
        except (VfsError, Failure) as error:
            outcomes.append(Outcome(name.removesuffix(SUFFIX), path, "", str(error)))
            continue
        if rule.on and not rule.is_tried:
            why = f"has changed since it was tried; run: mail rules test {rule.name}"
            outcomes.append(Outcome(rule.name, path, "", why))
        elif rule.on:
            found.append(rule)
    return found


async def _folder(
    workspace: Workspace, session: Session, account: Path, held: Claim, rules: Sequence[Rule]
) -> AsyncIterator[Outcome]:
    store = workspace.store()
    last = held.handled
    while True:
        came = await news.arrived(store, held, last, AT_ONCE)
        if not came:
            return
        for arrival in came:
            touched = False
            due = [rule for rule in rules if rule.covers(arrival.at)]
            path = account.join(arrival.path)
            async with Closing(_mail(workspace, session, account, path, due)) as outcomes:
                async for outcome in outcomes:
                    touched = True
                    yield outcome
            last = arrival.number
            if touched and not await news.mark(store, held, last):
                return
        if not await news.mark(store, held, last):
            return


async def _mail(
    workspace: Workspace, session: Session, account: Path, path: Path, rules: Sequence[Rule]
) -> AsyncIterator[Outcome]:
    """One mail through the rules, until one of them stops or moves it."""
    for rule in rules:
        try:
            mail = Mail(path, await session.tree.stat(path))
            if not await judged(session, rule.test(session.now()), mail):
                continue
        except NotFound:
            return
        except (VfsError, Failure, Usage) as error:
            yield Outcome(rule.name, path, "", str(error))
            continue
        deed = _Deed(workspace, session, account, rule, mail)
        try:
            await deed.do()
        except (VfsError, Failure, Usage) as error:
            yield Outcome(rule.name, path, "; ".join(deed.did), str(error))
        else:
            yield Outcome(rule.name, path, "; ".join(deed.did) or "nothing was left to do")
        if rule.stop or deed.moved:
            return


class _Deed:
    """What one rule does to one mail; `did` grows as it goes."""

    def __init__(self, workspace: Workspace, session: Session, account: Path, rule: Rule, mail: Mail) -> None:
        self.workspace = workspace
        self.session = session
        self.tree = session.tree
        self.account = account
        self.rule = rule
        self.mail = mail
        self.did: list[str] = []
        self.moved = False

    async def do(self) -> None:
        self._begin(uuid7())
        try:
            await self._set()
            if self.rule.agent:
                await self._run_agent()
            if self.rule.move:
                await self._move()
        finally:
            self.tree.change = None

    def _begin(self, command: str) -> None:
        name = self.rule.name
        self.tree.change = Change(command, f"mail rules: {name}", f"rule:{name}", str(self.mail.path))

    async def _set(self) -> None:
        attrs: dict[str, Value] = dict([MARKS[mark] for mark in self.rule.mark])
        if self.rule.label:
            attrs["labels"] = labelled(self.mail, list(self.rule.label), [])
        old = self.mail.node.attrs
        attrs = {name: value for name, value in attrs.items() if (old.get(name) or _UNSET[name]) != value}
        if attrs:
            await self.tree.set_attrs(self.mail.path, attrs)
            self.did += [f"marked {', '.join(self.rule.mark)}"] if self.rule.mark else []
            self.did += [f"labelled {', '.join(self.rule.label)}"] if "labels" in attrs else []

    async def _move(self) -> None:
        """To the rule's folder, under a name that is free there. Raises NotFound without such a folder."""
        folder = self.account.join(Path.parse(self.rule.move))
        if self.mail.path.parent == folder:
            return
        name = self.mail.path.name
        number = 0
        while await self.tree.exists(folder.child(name)):
            number += 1
            name = marked(self.mail.path.name, f"{self.mail.path}#{number}")
        await self.tree.move(self.mail.path, folder.child(name))
        self.moved = True
        self.did.append(f"moved to {self.rule.move}")

    async def _run_agent(self) -> None:
        """Runs the agent with nobody there to be asked, and adds its answer to the rule's file."""
        change = self.tree.change
        command = self._answer_id()
        if await news.is_done(self.workspace.store(), command):
            return
        answer, errors = Collected(), Collected()
        status = await self.session.services.agents.run(
            self.rule.agent,
            [str(self.mail.path)],
            self.session,
            Io(Nothing(), answer, errors),
            {"message": None, "model": None, "quiet": True},
        )
        if status:
            said = errors.data.decode("utf-8", "replace").strip().splitlines()
            why = said[-1] if said else f"status {status}"
            raise Failure(f"agent {self.rule.agent}: {why}", status=status)
        target = Path.parse(self.rule.append)
        text = f"\n## {self.mail.path}\n\n{answer.data.decode('utf-8', 'replace').rstrip()}\n"
        self._begin(command)
        await self.tree.write(target, text.encode("utf-8", "replace"), mode=Mode.APPEND)
        self.tree.change = change
        self.did.append(f"ran {self.rule.agent} into {self.rule.append}")

    def _answer_id(self) -> str:
        """The same for the same mail and the same rule, whenever it runs."""
        message = self.mail.node.attrs.get("message_id") or self.mail.path
        said = f"{self.rule.name}\0{self.rule.fingerprint}\0{self.account}\0{message}"
        return hashlib.sha256(said.encode("utf-8", "surrogateescape")).hexdigest()[:32]


_UNSET: dict[str, Value] = {"unread": False, "flagged": False, "labels": ()}
