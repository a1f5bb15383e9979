"""TreeCompleter: what may stand at the cursor, offered by the line editor's menu."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterable

from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document

from spatio.completing import offer, typed
from spatio.session import Session
from spatio.unfinished import unfinished
from vfs.visible import visible_line


class TreeCompleter(Completer):
    """Commands, options, values and paths, as the session may see them; names in the menu made visible."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def get_completions(self, document: Document, complete_event: CompleteEvent) -> Iterable[Completion]:
        return []

    async def get_completions_async(
        self, document: Document, complete_event: CompleteEvent
    ) -> AsyncGenerator[Completion, None]:
        text = document.text_before_cursor
        here = unfinished(text)
        for one in await offer(self._session, here):
            shown = one.word.rstrip("/").rpartition("/")[2] + ("/" if one.word.endswith("/") else "")
            yield Completion(
                typed(one, here.quote) + ("" if one.open or here.quote else " "),
                start_position=here.start - len(text),
                display=visible_line(shown),
                display_meta=visible_line(one.about),
            )
