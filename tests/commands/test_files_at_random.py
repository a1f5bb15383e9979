"""Random lines of file commands, one after the other, leave what GNU's tools leave."""

from __future__ import annotations

import pathlib
import random
from collections.abc import Sequence

import pytest

from tests.commands.gnu import Twin, has_gnu

PATHS = (
    "a",
    "b",
    "d",
    "d/a",
    "d/b",
    "d/e",
    "d/e/f",
    "e",
    "e/a",
    "d/",
    "./a",
    "./d/./a",
    "e/",
    "none",
    "none/x",
    "a/x",
)

FORMS: Sequence[str] = (
    "cp {} {}", "cp -r {} {}", "cp -n {} {}", "cp -rT {} {}", "cp {} {} {}", "cp -r {} {} {}",
    "mv {} {}", "cp -rn {} {}", "mv -nT {} {}", "mv -n {} {}", "mv {} {} {}", "mv -T {} {}", "rm {}",
    "rm -r {}", "rm -f {} {}", "rm -rf {}", "mkdir {}", "mkdir -p {}", "rmdir {}", "touch {} {}",
    "touch -c {}", "ls {} {}", "ls -R {}", "ls -a {}", "cat {} {}", "ls -dF {} {}", "rm -d {}",
    "cp -t {} {}",
)  # fmt: skip

START = {"a": "A\n", "b": "B", "d/a": "DA\n", "d/e/f": "DEF\n", "e/a": "EA\n"}


def into_itself(line: str) -> bool:
    """Whether a folder would be copied into itself: GNU leaves a part of the copy, we leave nothing."""
    words = [word for word in line.split()[1:] if not word.startswith("-")]
    normal = [str(pathlib.PurePosixPath("/" + word.replace("/./", "/"))) for word in words]
    target = normal[0] if " -t " in line else normal[-1]
    return line.startswith(("cp -r", "mv")) and any(
        f"{target}/".startswith(f"{source}/") for source in normal if source is not target
    )


@pytest.mark.skipif(not has_gnu("cp", "mv", "rm", "ls"), reason="needs GNU coreutils to compare with")
@pytest.mark.parametrize("seed", range(25))
def test_a_random_session_goes_as_with_gnu(tmp_path: pathlib.Path, seed: int) -> None:
    rng = random.Random(seed)
    twin = Twin(tmp_path, START)
    for _ in range(12):
        form = rng.choice(FORMS)
        line = form.format(*[rng.choice(PATHS) for _ in range(form.count("{}"))])
        if not into_itself(line):
            twin.same(line)
