"""mail rules: what happens to new mail by itself, tried on the past before it is switched on."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import suppress

from commands.command import (
    Arguments,
    Command,
    Complete,
    Context,
    Example,
    Failure,
    Shape,
    Usage,
    operand,
    option,
    switch,
)
from commands.mailing.composing import by_hand
from commands.mailing.judging import judged, looks_inside
from commands.mailing.places import Mail, accounts, chosen
from commands.mailing.rulefile import FOLDER, SUFFIX, TEMPLATE, Rule, read_rule, rule_text, with_line
from commands.mailing.shown import newest_first, record_of
from commands.report import report
from commands.services import MailAccount
from commands.stream import Io, Record
from vfs.action import Effect
from vfs.closing import Closing
from vfs.errors import Exists, NotFound, VfsError
from vfs.names import check
from vfs.node import Value
from vfs.path import Path
from vfs.provider import Mode
from vfs.visible import visible_line

ACTIONS = ("list", "add", "edit", "show", "test", "on", "off", "remove")


class RulesArguments(Arguments):
    action: str = operand(
        "ACTION", help="what to do", required=False, default="list", choices=ACTIONS,
        complete=Complete.NOTHING,
    )  # fmt: skip
    name: str | None = operand("NAME", help="a rule", required=False, complete=Complete.NOTHING)
    when: str | None = option("--when", metavar="CONDITION", help="add: which mails, as in `where`")
    folders: list[str] = option(
        "--folder", many=True, metavar="FOLDER", help="add: where they come in (inbox)"
    )
    move: str | None = option("--move", metavar="FOLDER", help="add: where they go")
    marks: list[str] = option(
        "--mark", many=True, choices=("read", "unread", "flagged", "unflagged"), help="add: mark them"
    )
    labels: list[str] = option("--label", many=True, metavar="LABEL", help="add: label them")
    agent: str | None = option(
        "--agent", metavar="AGENT", help="add: run an agent over each", complete=Complete.AGENT
    )
    append: str | None = option(
        "--append", metavar="PATH", help="add: where its answers go", complete=Complete.PATH
    )
    stop: bool = switch("--stop", help="add: no further rule sees the mail")
    account: str | None = option("--account", metavar="ACCOUNT", help="whose rules", complete=Complete.MOUNT)


async def run(ctx: Context, args: RulesArguments, io: Io) -> int:
    if args.action == "list":
        if args.name is not None:
            raise Usage(f"extra operand '{args.name}'", hint=f"run: mail rules show {args.name}")
        return await _list(ctx, [chosen(ctx, args.account)] if args.account else accounts(ctx), io)
    account = chosen(ctx, args.account)
    if not args.name:
        raise Usage(f"mail rules {args.action} needs the name of a rule", hint="run: mail rules")
    name = args.name.removesuffix(SUFFIX)
    check(name + SUFFIX)
    return await _DEEDS[args.action](ctx, args, account, name, io)


def place(account: MailAccount, name: str) -> Path:
    """Where a rule lies."""
    return account.path.child(FOLDER).child(name + SUFFIX)


async def rule_of(ctx: Context, account: MailAccount, name: str) -> tuple[Rule, str]:
    """A rule and its file's text. Raises NotFound, Failure."""
    path = place(account, name)
    try:
        data = await ctx.tree.read(path)
    except NotFound:
        raise NotFound(path, "there is no such rule", hint="run: mail rules") from None
    return read_rule(name, data, ctx.now()), data.decode("utf-8", "replace")


async def _list(ctx: Context, every: Sequence[MailAccount], io: Io) -> int:
    status = 0
    rows: list[Record] = []
    for account in every:
        for name in await _names(ctx, account):
            try:
                rule, _ = await rule_of(ctx, account, name)
                rows.append(_row(account, rule))
            except (VfsError, Failure) as error:
                status = max(status, await report(io, "mail rules", error))
    await io.stdout.put(rows)
    if not rows and not status:
        hint = "mail rules add NAME --when 'from ~ newsletter' --move archive"
        await io.stderr.line(f"There are no rules; to make one: {hint}")
    return status


async def _names(ctx: Context, account: MailAccount) -> Sequence[str]:
    with suppress(NotFound):
        async with Closing(ctx.tree.list(account.path.child(FOLDER))) as pages:
            names = [node.name async for page in pages for node in page]
        return [name.removesuffix(SUFFIX) for name in names if name.endswith(SUFFIX)]
    return []


def _row(account: MailAccount, rule: Rule) -> Record:
    state = "on" if rule.on else "off" if rule.is_tried else "untried"
    fields: dict[str, Value] = {
        "name": rule.name,
        "state": state,
        "when": rule.when,
        "does": rule.does(),
        "folders": tuple(rule.folders),
        "path": str(place(account, rule.name)),
    }
    text = "\t".join([rule.name, state, rule.when, rule.does()])
    return Record(" ".join(text.splitlines()), fields, place(account, rule.name))


async def _add(ctx: Context, args: RulesArguments, account: MailAccount, name: str, io: Io) -> int:
    path = place(account, name)
    if args.when is None:
        if not by_hand(ctx, io):
            raise Usage(
                "a rule needs a condition", hint="for example: --when 'from ~ newsletter' --move archive"
            )
        text = TEMPLATE
    else:
        rule = Rule(
            name,
            args.when,
            folders=tuple(args.folders) or ("inbox",),
            move=args.move or "",
            mark=tuple(args.marks),
            label=tuple(args.labels),
            agent=args.agent or "",
            append=str(ctx.resolve(args.append)) if args.append else "",
            stop=args.stop,
        )
        text = rule_text(rule)
        read_rule(name, text.encode(), ctx.now())
    if not await ctx.tree.is_folder(path.parent):
        await ctx.tree.mkdir(path.parent)
    try:
        await ctx.tree.write(path, text.encode(), mode=Mode.CREATE)
    except Exists:
        raise Exists(path, "there is such a rule", hint=f"run: mail rules edit {name}") from None
    if args.when is None:
        return await _edit(ctx, args, account, name, io)
    await io.stderr.line(
        f"Created {visible_line(str(path))}, switched off; to try it on the past: mail rules test {name}"
    )
    return 0


async def _edit(ctx: Context, args: RulesArguments, account: MailAccount, name: str, io: Io) -> int:
    path = place(account, name)
    if not await ctx.tree.exists(path):
        raise NotFound(path, "there is no such rule", hint=f"run: mail rules add {name}")
    status = await ctx.call(["edit", str(path)], io)
    if status == 0:
        rule, _ = await rule_of(ctx, account, name)
        if rule.on and not rule.is_tried:
            await _switch(ctx, account, name, on=False)
            await io.stderr.line(f"Switched off, since it has changed; to try it: mail rules test {name}")
    return status


async def _show(ctx: Context, args: RulesArguments, account: MailAccount, name: str, io: Io) -> int:
    _, text = await rule_of(ctx, account, name)
    await io.stdout.text(text)
    return 0


async def _test(ctx: Context, args: RulesArguments, account: MailAccount, name: str, io: Io) -> int:
    """What the rule would have done to the mails that are there, newest first."""
    rule, text = await rule_of(ctx, account, name)
    zone = ctx.now().tzinfo
    condition = rule.test(ctx.now())
    looked = 0
    fitting: list[Mail] = []
    async for mail in _past(ctx, account, rule):
        looked += 1
        if await judged(ctx, condition, mail):
            fitting.append(mail)
    fitting.sort(key=newest_first)
    await io.stdout.put([record_of(mail, zone, tty=io.stdout.tty) for mail in fitting])
    await io.stdout.flush()
    await ctx.tree.write(place(account, name), with_line(text, "tried", rule.fingerprint).encode())
    inside = ", having looked into their texts" if looks_inside(condition) else ""
    await io.stderr.line(
        f"{len(fitting):,} of {looked:,} mails in {visible_line(', '.join(rule.folders))} fit{inside};"
        f" it would: {visible_line(rule.does())}"
    )
    if not rule.on:
        await io.stderr.line(f"To switch it on for new mail: mail rules on {visible_line(name)}")
    return 0


async def _past(ctx: Context, account: MailAccount, rule: Rule) -> AsyncIterator[Mail]:
    for name in rule.folders:
        folder = account.path.join(Path.parse(name))
        try:
            async with Closing(ctx.tree.list(folder)) as pages:
                async for page in pages:
                    for node in page:
                        if not node.is_folder:
                            yield Mail(folder.child(node.name), node)
        except NotFound:
            raise NotFound(folder, "the rule looks there, but there is no such folder") from None


async def _on(ctx: Context, args: RulesArguments, account: MailAccount, name: str, io: Io) -> int:
    rule, _ = await rule_of(ctx, account, name)
    if not rule.is_tried:
        why = "has changed since it was tried" if rule.tried else "was not tried on the past yet"
        raise Failure(f"rule {name}: {why}", hint=f"run: mail rules test {name}")
    if rule.move:
        folder = account.path.join(Path.parse(rule.move))
        if not await ctx.tree.is_folder(folder):
            raise NotFound(folder, "the rule moves mails there", hint=f"to make it: mkdir {folder}")
    if rule.agent:
        await ctx.services.agents.agent(rule.agent, ctx)
    await _switch(ctx, account, name, on=True)
    await io.stderr.line(f"Switched on: {visible_line(rule.when)}: {visible_line(rule.does())}")
    return 0


async def _off(ctx: Context, args: RulesArguments, account: MailAccount, name: str, io: Io) -> int:
    path = place(account, name)
    if not await ctx.tree.exists(path):
        raise NotFound(path, "there is no such rule", hint="run: mail rules")
    await _switch(ctx, account, name, on=False)
    await io.stderr.line("Switched off")
    return 0


async def _switch(ctx: Context, account: MailAccount, name: str, *, on: bool) -> None:
    path = place(account, name)
    text = with_line((await ctx.tree.read(path)).decode("utf-8", "replace"), "on", on)
    if on:
        text = with_line(text, "since", ctx.now().isoformat(timespec="seconds"))
    await ctx.tree.write(path, text.encode())


async def _remove(ctx: Context, args: RulesArguments, account: MailAccount, name: str, io: Io) -> int:
    path = place(account, name)
    try:
        await ctx.tree.remove(path)
    except NotFound:
        raise NotFound(path, "there is no such rule", hint="run: mail rules") from None
    await io.stderr.line(f"Removed {visible_line(str(path))}")
    return 0


_Deed = Callable[[Context, RulesArguments, MailAccount, str, Io], Awaitable[int]]
_DEEDS: Mapping[str, _Deed] = {
    "add": _add,
    "edit": _edit,
    "show": _show,
    "test": _test,
    "on": _on,
    "off": _off,
    "remove": _remove,
}


COMMAND = Command(
    name="mail rules",
    summary="what happens to new mail by itself",
    args=RulesArguments,
    run=run,
    effects=Effect.READ | Effect.WRITE | Effect.DELETE,
    writes=Shape.RECORDS,
    group="Mail",
    description="""
  mail rules [list]             all rules
  mail rules add NAME           by options or in your editor; it is off
  mail rules test NAME          what it would have done so far; changes nothing
  mail rules on|off NAME        for mail from then on; on only once it was tried
  mail rules show|edit|remove NAME

A rule is a file in /mail/.rules. Its condition is one of `where`, over the attributes of a mail;
text ~ "word" looks into its text. Rules are applied in the order of their names, to each new mail once, by
`sync`, `spatio worker` and the open prompt. What they change is in `history` as rule:NAME, and is taken back
by undo --event. Agents run under their own file's rights, with nobody there to be asked: they send nothing.
""",
    examples=(
        Example("mail rules", "the rules that there are"),
        Example(
            "mail rules add news --when 'from ~ newsletter' --mark read --move archive",
            "what no eye has to see",
        ),
    ),
)
