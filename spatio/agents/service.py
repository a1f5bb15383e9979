"""AgentService: what `agent`, `ask` and `@name` do, as `commands.services.Agents`.

The workspace builds it so:

    AgentService(
        log=lambda: StoreRuns(store()),      # called by the first run; `spatio.agents.log.RunLog`
        endpoints=lambda: config.endpoints,  # the `[[endpoints]]` tables, called by the first run
        env=os.environ,                      # where keys and OPENAI_BASE_URL are looked for
        find=Vault(where).find,              # the environment, then where secrets are kept
    )

All arguments have defaults (runs kept in memory, no endpoints, an empty environment); building it
loads nothing large. Agents are read from `/agents/NAME.md` of the calling session's tree;
`spatio.agents.shipped.shipped()` gives the texts that a new workspace puts there.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any

from commands.command import Context, Failure
from commands.services import AgentInfo
from commands.stream import Io
from spatio.agents.endpoints import Endpoint, Finder, choose, endpoints_of, in_environment
from spatio.agents.frontmatter import BadAgent
from spatio.agents.log import MemoryRuns, RunLog
from spatio.agents.spec import AgentSpec, parse_agent
from spatio.policy import Verdict
from vfs.action import Effect
from vfs.drive import event_loop, hop
from vfs.errors import NotFound, VfsError
from vfs.logged import RunInfo, RunRecord
from vfs.node import Value
from vfs.path import Path

if TYPE_CHECKING:
    from spatio.agents.model import Breaker

AGENTS = Path(("agents",))
LIMIT = 256 * 1024


class AgentService:
    """The agents of a workspace."""

    def __init__(
        self,
        *,
        log: Callable[[], RunLog] = MemoryRuns,
        endpoints: Callable[[], Sequence[Mapping[str, Any]]] = tuple,
        env: Mapping[str, str] | None = None,
        find: Finder = in_environment,
    ) -> None:
        self._open_log = log
        self._tables = endpoints
        self._env = {} if env is None else env
        self._find = find
        self._log: RunLog | None = None
        self._endpoints: list[Endpoint] | None = None
        self.breakers: dict[str, Breaker] = {}
        """Endpoints that fail, remembered from run to run."""

    @property
    def log(self) -> RunLog:
        if self._log is None:
            self._log = self._open_log()
        return self._log

    async def endpoints(self, wanted: str) -> list[Endpoint]:
        """Those for a model as an agent's file names it; none when there is no account."""
        if self._endpoints is None:
            self._endpoints = await hop(lambda: endpoints_of(self._tables(), self._env, self._find))
        return choose(self._endpoints, wanted)

    # -- running

    async def run(
        self, name: str, words: Sequence[str], ctx: Context, io: Io, options: Mapping[str, Value]
    ) -> int:
        """Runs an agent over files, text and standard input; its answer goes to io.stdout.

        `options`: `message` (what the person says), `model`, `quiet`. Raises VfsError, Failure, Usage;
        standard output is then abandoned.
        """
        spec = await self.load(name, ctx)
        if options.get("model"):
            spec = spec._replace(model=str(options["model"]))
        await event_loop()
        calling = import_module("spatio.agents.calling")
        status: int = await calling.Call(self, spec, ctx, io).run(
            words, str(options.get("message") or ""), quiet=bool(options.get("quiet"))
        )
        return status

    async def ask(self, name: str, text: str, ctx: Context, io: Io) -> int:
        """Talks to an agent in words (`ask`, `@name`); standard input is its material."""
        return await self.run(name or "ask", (), ctx, io, {"message": text, "quiet": True})

    # -- what there is

    async def load(self, name: str, ctx: Context) -> AgentSpec:
        """The agent of this name. Raises NotFound, BadAgent."""
        name = name.removesuffix(".md")
        path = AGENTS.child(name)
        try:
            if not name or "/" in name or "\0" in name:
                raise NotFound(name)
            data = await ctx.tree.read(AGENTS.child(f"{name}.md"), limit=LIMIT)
        except NotFound:
            names = [known async for known in self._names(ctx)]
            near = import_module("commands.nearest").nearest(name, names)
            hint = f"did you mean {near}?" if near else "run: agent list"
            raise NotFound(None, f"there is no agent {name}", hint=hint) from None
        return parse_agent(name, data, f"{path}.md")

    async def _names(self, ctx: Context) -> AsyncIterator[str]:
        try:
            async for page in ctx.tree.list(AGENTS):
                for node in page:
                    if not node.is_folder and node.name.endswith(".md"):
                        yield node.name.removesuffix(".md")
        except NotFound:
            return

    async def agents(self, ctx: Context) -> AsyncIterator[AgentInfo]:
        """The agents in `/agents`, by name; a file that cannot be used is among them, with the reason."""
        async for name in self._names(ctx):
            try:
                yield _info(await self.load(name, ctx))
            except (BadAgent, VfsError) as error:
                yield AgentInfo(name, "", wrong=str(error))

    async def agent(self, name: str, ctx: Context) -> AgentInfo:
        """One agent. Raises NotFound (with the nearest name), BadAgent."""
        return _info(await self.load(name, ctx))

    def runs(self) -> AsyncIterator[Sequence[RunInfo]]:
        return self.log.runs()

    async def logged(self, run: str) -> RunRecord:
        """The run whose id is, or begins or ends with, `run`; "" is the last one. Raises NotFound."""
        if not run:
            async for page in self.runs():
                run = page[0].id
                break
            else:
                raise NotFound(None, "no agent has run yet", hint="run: agent list")
        return await self.log.read_run(run)


def _info(spec: AgentSpec) -> AgentInfo:
    budget = spec.budget
    writes = Effect.WRITE | Effect.DELETE
    return AgentInfo(
        spec.name,
        spec.summary,
        model=spec.model,
        tools=spec.tools,
        reads=_paths(spec, Effect.READ),
        writes=_paths(spec, writes),
        budget=f"{budget.tokens} tokens, ${budget.cost}, {budget.steps} steps, {budget.minutes} minutes",
        local=spec.local if spec.local != "none" else "",
    )


def _paths(spec: AgentSpec, effects: Effect) -> list[str]:
    found = [
        rule.pattern.text
        for rule in spec.rules
        if rule.effects & effects and rule.verdict is not Verdict.DENY
    ]
    return list(dict.fromkeys(found))


def no_account(name: str, *, tools: bool) -> Failure:
    """What is said where an agent needs a model and there is none that can do it."""
    can = "uses tools" if tools else "writes"
    return Failure(
        f"{name} {can}, which the small local model cannot do: it only picks out what is there",
        hint="set OPENAI_API_KEY (or OPENAI_BASE_URL for a server of your own), "
        "or add [[endpoints]] to config.toml",
    )
