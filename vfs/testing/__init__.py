"""ProviderSuite: every sentence of `vfs/provider.py` as a test; it decides whether a provider is done.

    class TestMine(ProviderSuite):
        def provider(self, folder):
            return Mine(folder)

What the provider's type does not claim is skipped. `vfs.testing.model.ModelSuite` adds random
sequences of operations, and needs hypothesis. Both import pytest.
"""

from __future__ import annotations

import pytest

for _part in ("ground", "looking", "reading", "writing", "editing", "offering", "model"):
    pytest.register_assert_rewrite(f"vfs.testing.{_part}")

from vfs.testing.editing import Editing  # noqa: E402
from vfs.testing.ground import Ground, Suite, contract  # noqa: E402
from vfs.testing.looking import Looking  # noqa: E402
from vfs.testing.offering import Offering  # noqa: E402
from vfs.testing.reading import Reading  # noqa: E402
from vfs.testing.writing import Writing  # noqa: E402

__all__ = ["Ground", "ProviderSuite", "Suite", "contract"]


class ProviderSuite(Looking, Reading, Writing, Editing, Offering):
    """Subclass it, name the subclass `Test…`, and say how to make a provider.

    The attributes and methods of `Suite` may be overridden where a provider accepts less than any name
    and any content.
    """
