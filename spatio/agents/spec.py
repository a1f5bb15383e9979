"""AgentSpec: what an agent's file says, checked.

    ---
    summary: Sorts new notes into folders      # the line in `agent list`
    model: work:large                          # an endpoint, ENDPOINT:MODEL or a model; default: the first
    tools: [ls, cat, grep, mv]                 # commands it may use; `reading` (all that only read); `none`
    reads: [/notes/**]                         # what it may see; everything else looks absent
    writes: /notes/**                          # where it may change things, each change being asked
    allow: write /notes/sorted/**              # not asked there
    ask: read /notes/private/**                # asked
    deny: [delete, write /notes/plans/**]      # never
    budget:                                    # tokens, cost (dollars), steps, minutes
      steps: 10
    output: records                            # or text; records need `fields`
    fields: [title, due, source]
    local: tasks                               # what stands in when there is no account (see forms.py)
    ---
    The prompt.

Every mistake is a BadAgent with the line and, for a mistyped word, the nearest one that exists.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal, InvalidOperation
from typing import NamedTuple

from commands.nearest import nearest
from spatio.agents.frontmatter import BadAgent, Entry, read_head, split_head
from spatio.policy import Pattern, Rule, Verdict
from vfs.action import Effect

FORMS = ("changelog", "none", "outline", "summary", "tasks", "triage")
EFFECTS = {
    "read": Effect.READ, "write": Effect.WRITE, "delete": Effect.DELETE, "send": Effect.SEND,
    "spend": Effect.SPEND,
}  # fmt: skip
KEYS = (
    "allow", "ask", "budget", "deny", "fields", "local", "model", "output", "reads", "summary", "tools",
    "writes",
)  # fmt: skip


class Budget(NamedTuple):
    """What one run may use up; at the limit it stops and says so."""

    tokens: int = 200_000
    cost: Decimal = Decimal("1.00")
    """Dollars; counted where the endpoint names its prices."""
    steps: int = 30
    """Calls of the model."""
    minutes: Decimal = Decimal(10)


class AgentSpec(NamedTuple):
    """An agent."""

    name: str
    prompt: str
    summary: str = ""
    model: str = ""
    tools: tuple[str, ...] = ()
    """Names of commands, or `reading`; empty when it has none."""
    rules: tuple[Rule, ...] = ()
    budget: Budget = Budget()
    fields: tuple[str, ...] = ()
    """The fields of its records; empty when it answers in text."""
    local: str = "none"


def parse_agent(name: str, data: bytes, file: str = "") -> AgentSpec:
    """The agent in `data`. Raises BadAgent."""
    file = file or f"/agents/{name}.md"
    lines, body = split_head(file, data)
    entries = {entry.key: entry for entry in read_head(file, lines)}
    for entry in entries.values():
        if entry.key not in KEYS:
            raise BadAgent(file, entry.line, f"unknown key {entry.key}", _meant(entry.key, KEYS))
        if entry.below and entry.key != "budget":
            raise BadAgent(file, entry.line, f"{entry.key} takes a value, not keys of its own")
    prompt = body.strip()
    if not prompt:
        raise BadAgent(file, len(lines) + 3 if lines else 1, "there is no prompt", "write what it is to do")
    read = Reading(file, entries)
    return AgentSpec(
        name,
        prompt,
        summary=read.one("summary") or prompt.split("\n", 1)[0].lstrip("# ")[:100],
        model=read.one("model"),
        tools=read.tools(),
        rules=tuple(read.rules()),
        budget=read.budget(),
        fields=read.fields(),
        local=read.choice("local", FORMS) or "none",
    )


class Reading:
    """The entries of one head on their way to an AgentSpec."""

    def __init__(self, file: str, entries: dict[str, Entry]) -> None:
        self.file = file
        self.entries = entries

    def bad(self, key: str, reason: str, hint: str | None = None) -> BadAgent:
        return BadAgent(self.file, self.entries[key].line, reason, hint)

    def many(self, key: str) -> Sequence[str]:
        entry = self.entries.get(key)
        return entry.values if entry is not None else ()

    def one(self, key: str) -> str:
        values = self.many(key)
        if len(values) > 1:
            raise self.bad(key, f"{key} takes one value, but has {len(values)}")
        return values[0] if values else ""

    def choice(self, key: str, among: Sequence[str]) -> str:
        value = self.one(key)
        if value and value not in among:
            reason = f"{key} must be one of {', '.join(among)}, but is {value}"
            raise self.bad(key, reason, _meant(value, among))
        return value

    def tools(self) -> tuple[str, ...]:
        names = [word for value in self.many("tools") for word in value.replace(",", " ").split()]
        if names in ([], ["none"]):
            return ()
        for name in names:
            if name == "none" or any(not (char.isalnum() or char in "-_[") for char in name):
                raise self.bad("tools", f"{name} is no name of a command", "such as: tools: [ls, cat, grep]")
        return tuple(dict.fromkeys(names))

    def fields(self) -> tuple[str, ...]:
        output = self.choice("output", ("text", "records"))
        names = [word for value in self.many("fields") for word in value.replace(",", " ").split()]
        for name in names:
            if not name.isidentifier():
                raise self.bad("fields", f"{name} is no name of a field")
        if output == "records" and not names:
            raise self.bad("output", "records need fields", "such as: fields: [title, due]")
        if names and output != "records":
            raise self.bad("fields", "only records have fields", "add: output: records")
        return tuple(dict.fromkeys(names))

    # -- permissions

    def rules(self) -> Iterable[Rule]:
        """In the order in which the policy reads them: the last that covers an access decides."""
        changes = Effect.WRITE | Effect.DELETE | Effect.SEND | Effect.SPEND
        reads = [self.pattern("reads", text) for text in self._paths("reads")]
        writes = [self.pattern("writes", text) for text in self._paths("writes")]
        stated: list[Rule] = []
        for key, verdict in (("allow", Verdict.ALLOW), ("ask", Verdict.ASK), ("deny", Verdict.DENY)):
            for text in self.many(key):
                stated.extend(self._rule(key, verdict, text, reads, writes))
        given = [rule.pattern for rule in stated if rule.verdict is not Verdict.DENY]
        for pattern in (*reads, *writes, *given):
            yield Rule(Effect.READ, pattern, Verdict.ALLOW)
        for pattern in writes:
            yield Rule(changes, pattern, Verdict.ASK)
        yield from _hidden([*reads, *writes, *given])
        yield from stated

    def _paths(self, key: str) -> list[str]:
        return [word for value in self.many(key) for word in _words(value) if word != "none"]

    def _rule(
        self, key: str, verdict: Verdict, text: str, reads: Sequence[Pattern], writes: Sequence[Pattern]
    ) -> Iterable[Rule]:
        word, _, path = text.strip().partition(" ")
        effect = EFFECTS.get(word.lower())
        if word.lower() == "run" and verdict is not Verdict.DENY:
            raise self.bad(key, "an agent never runs host commands, so `run` cannot be allowed or asked")
        if effect is None and word.lower() != "run":
            among = ", ".join(EFFECTS)
            raise self.bad(key, f"an effect must be one of {among}, but is {word}", _meant(word, EFFECTS))
        if effect is None:
            return
        if path.strip():
            yield Rule(effect, self.pattern(key, path.strip(), plain=verdict is not Verdict.DENY), verdict)
            return
        if effect is Effect.READ and verdict is Verdict.ALLOW:
            raise self.bad(key, "what may be read is named by path", "such as: reads: /notes/**")
        where = [Pattern("/")] if verdict is Verdict.DENY else writes
        for pattern in [*reads, *writes] if effect is Effect.READ and verdict is Verdict.ASK else where:
            yield Rule(effect, pattern, verdict)

    def pattern(self, key: str, text: str, *, plain: bool = True) -> Pattern:
        """A path or glob. One that gives a right may have wildcards in its last name only, since the
        folders on the way to it show."""
        if not text.startswith("/"):
            raise self.bad(key, f"a path must begin with /, but is {text}")
        if len(text) > 1024 or text.count("/") > 64:
            raise self.bad(key, "a path must have 64 names and 1024 characters or fewer")
        pattern = Pattern(text)
        if plain and not pattern.is_plain():
            hint = "a wildcard covers all below it: /notes/*, or /notes/**"
            raise self.bad(key, f"{text}: wildcards may stand in the last name only", hint)
        return pattern

    # -- limits

    def budget(self) -> Budget:
        entry = self.entries.get("budget")
        if entry is None:
            return Budget()
        if entry.values:
            raise self.bad("budget", "budget takes keys below it", "such as, indented: steps: 10")
        found: dict[str, Decimal] = {}
        for part in entry.below:
            if part.key not in Budget._fields:
                hint = _meant(part.key, Budget._fields)
                raise BadAgent(self.file, part.line, f"unknown limit {part.key}", hint)
            found[part.key] = self._number(part)
        default = Budget()
        return Budget(
            int(found.get("tokens", default.tokens)),
            found.get("cost", default.cost),
            int(found.get("steps", default.steps)),
            found.get("minutes", default.minutes),
        )

    def _number(self, part: Entry) -> Decimal:
        text = part.values[0] if len(part.values) == 1 else ""
        try:
            value = Decimal(text.replace("_", "").lstrip("$"))
        except InvalidOperation:
            value = Decimal(-1)
        whole = part.key in ("tokens", "steps")
        if not value.is_finite() or not 0 < value <= 10**9 or (whole and value != value.to_integral_value()):
            kind = "a whole number from 1" if whole else "a number above 0"
            raise BadAgent(self.file, part.line, f"{part.key} must be {kind}, but is {text or 'empty'}")
        return value


def _hidden(named: Sequence[Pattern]) -> Iterable[Rule]:
    """What runs have read and what the system knows shows only to an agent that names the place."""
    for place in (("agents", "runs"), ("sys",)):
        if not any(pattern.literal[: len(place)] == place for pattern in named):
            yield Rule(Effect.READ, Pattern("/" + "/".join(place)), Verdict.DENY)


def _words(value: str) -> list[str]:
    """Several paths on one line are separated by commas."""
    return [part for part in map(str.strip, value.split(",")) if part]


def _meant(word: str, among: Iterable[str]) -> str | None:
    near = nearest(word, among)
    return f"did you mean {near}?" if near else None
