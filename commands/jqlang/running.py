"""Running: one call of jq, from its inputs to what it prints."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from itertools import islice
from typing import Protocol

from commands.command import Context
from commands.jqlang.builtins import find
from commands.jqlang.machine import Machine, Native
from commands.jqlang.names import check, uses_input
from commands.jqlang.parser import parse
from commands.jqlang.scope import Broken, Closure, Path, Result, Scope, Stopped, off
from commands.jqlang.tree import Function, Identity, Node
from commands.jqlang.values import JqError, Reading, Value, dump, is_number, true
from commands.report import report
from commands.stream import BLOCK, Io
from commands.text.inputs import Inputs
from vfs.closing import Closing
from vfs.drive import breathe, hop

_BATCH = 512


class Settings(Protocol):
    """How values are read and printed."""

    null_input: bool
    raw_input: bool
    slurp: bool
    compact: bool
    raw: bool
    joined: bool
    ascii_only: bool
    sort_keys: bool
    tab: bool
    indent: int
    exit_status: bool


class _Halted(Exception):
    """`halt` and `halt_error`."""

    def __init__(self, status: int, value: Value, *, said: bool) -> None:
        super().__init__()
        self.status = status
        self.value = value
        self.said = said


class Running:
    """One call of jq, its program read."""

    def __init__(
        self,
        ctx: Context,
        io: Io,
        options: Settings,
        variables: Mapping[str, Value],
        positional: Sequence[Value],
    ) -> None:
        self.io = io
        self.options = options
        self.node: Node = Identity()
        self.now = ctx.now
        self.inputs = Inputs(ctx, io, "jq", failure=2)
        self.machine = Machine(self._find, lambda: self.stopped)
        self.stopped = False
        self.messages: list[str] = []
        self.pending: Iterator[Value] = iter(())
        self.env = dict(ctx.env)
        scope = Scope(None, "ENV", self.env)
        scope = Scope(scope, "ARGS", {"positional": list(positional), "named": dict(variables)})
        for name, value in variables.items():
            scope = Scope(scope, name, value)
        self.scope: Scope | None = scope
        self.last: Value = None
        self.any = False

    def read(self, program: str) -> None:
        """Takes the program to run. Raises BadProgram."""
        self.node = parse(program)
        scope, known = self.scope, set[str | tuple[str, int]]()
        while scope is not None:
            known.add(scope.name)
            scope = scope.around
        check(self.node, frozenset(known), lambda name, count: self._find(name, count) is not None)

    async def run(self, names: Sequence[str]) -> int:
        """Runs the program over all inputs; the status is the worst of what happened."""
        status = 0
        reads = self._reads()
        try:
            if self.options.null_input and not reads:
                status = await self._run_over([None])
            elif self.options.null_input or self.options.slurp or reads:
                values = [value async for batch in self._values(names) for value in batch]
                status = await self._run_over(self._chosen(values))
            else:
                async with Closing(self._values(names)) as batches:
                    async for batch in batches:
                        status = max(status, await self._run_over(batch))
        except _Halted as halted:
            await self._say(halted)
            return halted.status
        except JqError as wrong:
            await report(self.io, "jq", f"error: {wrong.message}")
            return 2
        if status or self.inputs.status:
            return status or self.inputs.status
        if self.options.exit_status:
            return 4 if not self.any else 0 if true(self.last) else 1
        return 0

    def _reads(self) -> bool:
        """Whether the program takes inputs itself."""
        return uses_input(self.node)

    def _chosen(self, values: list[Value]) -> Iterator[Value]:
        """What the program runs on, when all values are at hand; the rest is for `input`."""
        if self.options.slurp:
            text = "".join([value for value in values if isinstance(value, str)])
            values = [text if self.options.raw_input else values]
        self.pending = iter(values)
        return iter([None]) if self.options.null_input else self.pending

    async def _values(self, names: Sequence[str]) -> AsyncIterator[list[Value]]:
        """The input as values, in batches."""
        reading = Reading()
        async with Closing(self.inputs.each(names)) as each:
            async for _, source in each:
                async for block in source.line_blocks():
                    text = block.decode("utf-8", "replace")
                    if not self.options.raw_input:
                        yield list(reading.add(text))
                    elif self.options.slurp:
                        yield [text]
                    else:
                        yield list(text.removesuffix("\n").split("\n"))
        yield list(reading.add("", last=True))

    async def _run_over(self, values: Iterator[Value] | Sequence[Value]) -> int:
        """Runs the program on each value; 5 when it failed on one."""
        status = 0
        for value in values:
            results = self.machine.values(self.node, self.scope, value)
            try:
                while batch := await self._next(results):
                    await self._print(batch)
                    await breathe()
            except JqError as error:
                await self._flush_messages()
                await report(self.io, "jq", f"error: {error.message}")
                status = 5
            except Broken:
                await report(self.io, "jq", "error: break outside of its label")
                status = 5
        return status

    async def _next(self, results: Iterator[Value]) -> list[Value]:
        """Some results; a cancelled wait stops the program that computes them."""
        batch: list[Value] = []

        def compute() -> None:
            for value in islice(results, _BATCH):
                batch.append(value)

        try:
            await hop(compute)
        except (JqError, _Halted):
            await self._print(batch)
            raise
        except Stopped:
            return []
        except BaseException:
            self.stopped = True
            raise
        return batch

    async def _print(self, batch: Sequence[Value]) -> None:
        await self._flush_messages()
        options = self.options
        indent: int | str | None = "\t" if options.tab else options.indent or None
        held: list[str] = []
        size = 0
        for value in batch:
            if isinstance(value, str) and (options.raw or options.joined) and not options.ascii_only:
                text = value
            else:
                text = dump(
                    value, indent=None if options.compact else indent, sort=options.sort_keys,
                    ascii_only=options.ascii_only,
                )  # fmt: skip
            held.append(text if options.joined else text + "\n")
            size += len(text)
            if size >= BLOCK:
                await self.io.stdout.text("".join(held))
                held, size = [], 0
        if batch:
            self.any = True
            self.last = batch[-1]
        if held:
            await self.io.stdout.text("".join(held))

    async def _flush_messages(self) -> None:
        if self.messages:
            text = "".join(self.messages)
            self.messages.clear()
            await self.io.stderr.text(text)

    async def _say(self, halted: _Halted) -> None:
        await self._flush_messages()
        if halted.said and halted.value is not None:
            value = halted.value
            await self.io.stderr.text(value if isinstance(value, str) else dump(value) + "\n")

    # -- the functions that know of this call

    def _find(self, name: str, arguments: int) -> Native | Function | None:
        own: dict[tuple[str, int], Native] = {
            ("input", 0): self._input, ("inputs", 0): self._inputs, ("debug", 0): self._debug,
            ("stderr", 0): self._stderr, ("now", 0): self._now, ("halt", 0): self._halt,
            ("halt_error", 1): self._halt_error, ("input_line_number", 0): self._line_number,
            ("env", 0): self._env,
        }  # fmt: skip
        return own.get((name, arguments)) or find(name, arguments)

    def _input(
        self, machine: Machine, given: Sequence[Closure], path: Path, value: Value
    ) -> Iterator[Result]:
        for found in self.pending:
            yield off(path), found
            return
        raise JqError("No more inputs")

    def _inputs(
        self, machine: Machine, given: Sequence[Closure], path: Path, value: Value
    ) -> Iterator[Result]:
        for found in self.pending:
            yield off(path), found

    def _debug(
        self, machine: Machine, given: Sequence[Closure], path: Path, value: Value
    ) -> Iterator[Result]:
        self.messages.append(dump(["DEBUG:", value]) + "\n")
        yield path, value

    def _stderr(
        self, machine: Machine, given: Sequence[Closure], path: Path, value: Value
    ) -> Iterator[Result]:
        self.messages.append(dump(value))
        yield path, value

    def _now(self, machine: Machine, given: Sequence[Closure], path: Path, value: Value) -> Iterator[Result]:
        yield off(path), self.now().timestamp()

    def _halt(self, machine: Machine, given: Sequence[Closure], path: Path, value: Value) -> Iterator[Result]:
        self._stop(_Halted(0, None, said=False))
        yield off(path), None

    def _halt_error(
        self, machine: Machine, given: Sequence[Closure], path: Path, value: Value
    ) -> Iterator[Result]:
        for status in machine.outputs(given[0], value):
            if not is_number(status):
                raise JqError("halt_error/1: number required")
            raise _Halted(int(status), value, said=True)  # type: ignore[arg-type]
        yield from ()

    def _env(self, machine: Machine, given: Sequence[Closure], path: Path, value: Value) -> Iterator[Result]:
        yield off(path), dict(self.env)

    def _stop(self, halted: _Halted) -> None:
        raise halted

    def _line_number(
        self, machine: Machine, given: Sequence[Closure], path: Path, value: Value
    ) -> Iterator[Result]:
        yield off(path), 0
