"""ControlFlow: `if`, `for`, `while`, `case`, `((…))` and `[[ … ]]`."""

from __future__ import annotations

from importlib import import_module

from commands.stream import ReaderGone
from spatio.shell.ast import Calculation, Case, CaseItem, Condition, CountedFor, For, If, Script, While, Word
from spatio.shell.flow import Break, Continue, NoMatch, ShellError
from spatio.shell.patterns import fits
from spatio.shell.ports import Ports
from spatio.shell.simple import SimpleCommands
from spatio.status import FAILED

_ONCE = "note: this loop runs once: an unquoted $x is one word, and $(…) gives one word a line"


class ControlFlow(SimpleCommands):
    """The part of a Runner that chooses and repeats."""

    checked: int
    loops: int

    async def script(self, script: Script, ports: Ports) -> int:
        raise NotImplementedError

    async def take_turns(self) -> None:
        raise NotImplementedError

    async def holds(self, test: Script, ports: Ports) -> bool:
        """Whether a condition's status is 0; `set -e` does not mind if not."""
        self.checked += 1
        try:
            return await self.script(test, ports) == 0
        finally:
            self.checked -= 1

    async def if_(self, node: If, ports: Ports) -> int:
        for test, body in node.branches:
            if await self.holds(test, ports):
                return await self.script(body, ports)
        return 0 if node.otherwise is None else await self.script(node.otherwise, ports)

    # -- loops

    async def _round(self, body: Script, ports: Ports) -> int:
        """One round of a loop. A loop whose reader has left is over: raises ReaderGone."""
        try:
            status = await self.script(body, ports)
        except Continue as leaving:
            if leaving.levels > 1:
                raise Continue(leaving.status, leaving.levels - 1) from None
            status = 0
        if self.reader_gone:
            raise ReaderGone
        return status

    @staticmethod
    def _broken(leaving: Break) -> int:
        if leaving.levels > 1:
            raise Break(leaving.status, leaving.levels - 1)
        return 0

    async def while_(self, node: While, ports: Ports) -> int:
        status = 0
        self.loops += 1
        try:
            while await self.holds(node.test, ports) != node.negated:
                status = await self._round(node.body, ports)
        except Break as leaving:
            status = self._broken(leaving)
        finally:
            self.loops -= 1
        return status

    async def for_(self, node: For, ports: Ports) -> int:
        try:
            values = await self._values(node, ports)
        except NoMatch as missing:
            return await self.no_match(missing, "for", ports)
        status = 0
        self.loops += 1
        try:
            for value in values:
                self.variables.set(node.name, value)
                status = await self._round(node.body, ports)
        except Break as leaving:
            status = self._broken(leaving)
        finally:
            self.loops -= 1
        return status

    async def _values(self, node: For, ports: Ports) -> list[str]:
        if node.words is None:
            return list(self.variables.args)
        self.expander.loose.clear()
        values = await self.expander.words(node.words)
        if len(values) == 1 and values[0] in self.expander.loose:
            await self.hint(ports, "for", _ONCE)
        return values

    async def counted_for(self, node: CountedFor, ports: Ports) -> int:
        status = 0
        await self.expander.number(node.first)
        self.loops += 1
        try:
            while await self._goes_on(node.test):
                await self.take_turns()
                status = await self._round(node.body, ports)
                await self.expander.number(node.step)
        except Break as leaving:
            status = self._broken(leaving)
        finally:
            self.loops -= 1
        return status

    async def _goes_on(self, word: Word) -> bool:
        text = await self.expander.text(word)
        return not text.strip() or await self.expander.number(word) != 0

    # -- choices

    async def case(self, node: Case, ports: Ports) -> int:
        value = await self.expander.text(node.word)
        status = 0
        falling = False
        for item in node.items:
            if not falling and not await self._fits(item, value):
                continue
            status = await self.script(item.body, ports)
            falling = item.end == ";&"
            if item.end == ";;":
                break
        return status

    async def _fits(self, item: CaseItem, value: str) -> bool:
        for word in item.patterns:
            if fits(await self.expander.pattern(word), value):
                return True
        return False

    async def calculation(self, node: Calculation, ports: Ports) -> int:
        try:
            return int(await self.expander.number(node.text) == 0)
        except ShellError as wrong:
            await self.tell(ports, f"((: {wrong}", wrong.hint)
            return FAILED

    async def condition(self, node: Condition, ports: Ports) -> int:
        held: bool = await import_module("spatio.shell.condition").holds(self, node.test)
        return int(not held)
