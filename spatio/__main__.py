"""`python -m spatio`. The working directory leaves `sys.path` first: its `commands/` is not ours."""

import os
import sys

_here = os.path.realpath(os.getcwd()) if os.path.isdir(".") else None
_own = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))
sys.path[:] = [entry for entry in sys.path if (entry and os.path.realpath(entry) != _here) or _here == _own]

from spatio.entry import main  # noqa: E402 (only once the path is safe)

if __name__ == "__main__":
    main()
