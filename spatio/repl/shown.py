"""ShownSafely: the line being typed as a terminal may show it, wherever it was pasted from."""

from __future__ import annotations

from prompt_toolkit.formatted_text import StyleAndTextTuples
from prompt_toolkit.layout.processors import Processor, Transformation, TransformationInput

from vfs.visible import visible


class ShownSafely(Processor):
    """Shows characters that hide or reorder text by their numbers; the text itself stays as it is."""

    def apply_transformation(self, transformation_input: TransformationInput) -> Transformation:
        fragments = transformation_input.fragments
        if all(visible(fragment[1]) == fragment[1] for fragment in fragments):
            return Transformation(fragments)
        shown: StyleAndTextTuples = []
        starts = [0]
        for style, text, *_ in fragments:
            for char in text:
                piece = char if char == "\n" else visible(char)
                shown.append((style, piece))
                starts.append(starts[-1] + len(piece))
        last = len(starts) - 1

        def to_display(at: int) -> int:
            return starts[min(at, last)]

        def to_source(at: int) -> int:
            return max(place for place, start in enumerate(starts) if start <= at)

        return Transformation(shown, to_display, to_source)
