"""Random scripts, bash being the oracle. SPATIO_FULL=1 runs thousands."""

from __future__ import annotations

import os
import shutil
import subprocess

import pytest

from spatio.api import run_script
from tests.spec.bash import run_in_bash
from tests.spec.scripts import FILES, Scripts

BATCH = 10
BATCHES = 300 if os.environ.get("SPATIO_FULL") else 8

pytestmark = pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash to compare with")


def is_on_purpose(errors: bytes, output: bytes) -> bool:
    """A pattern matched nothing, or an error's own words went where the output is compared."""
    return b": no match" in errors or b"No such file" in output or b"cannot " in output


@pytest.mark.parametrize("batch", range(BATCHES))
def test_a_random_script_does_what_it_does_in_bash(batch: int) -> None:
    for seed in range(batch * BATCH, (batch + 1) * BATCH):
        script = Scripts(seed).one()
        try:
            expected = run_in_bash(script, FILES)
        except subprocess.TimeoutExpired:
            continue
        status, stdout, errors = run_script(script, FILES)
        if not is_on_purpose(errors, expected[1]):
            assert (status, stdout) == expected, f"seed {seed}:\n{script}\n{errors.decode()}"
