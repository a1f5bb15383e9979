"""PDFs: read by a process of their own, since nothing but its end stops a reader that loops.

The process is started by the first PDF, serves the following ones, and leaves when it is idle.
"""

from __future__ import annotations

import os
import subprocess
import sys
from threading import Timer

SECONDS = 20.0
"""Time that one document may take."""

_SIZE = 8
_NEEDED = ("PATH", "HOME", "LANG", "LC_ALL", "PYTHONPATH", "PYTHONHOME", "LD_LIBRARY_PATH", "TMPDIR")
"""Variables that a process gets which reads what strangers have made: none that may hold a secret."""
_WORKER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "pdfworker.py")


class _Lost(Exception):
    """The process ended before it answered."""


class PdfReader:
    """The text of PDFs, one after the other."""

    def __init__(self, seconds: float = SECONDS) -> None:
        self._seconds = seconds
        self._process: subprocess.Popen[bytes] | None = None

    def text(self, data: bytes) -> str | None:
        """What a document says; None when it says nothing, or cannot be read within bounds."""
        if self._process is not None:
            # It may have left since it was last asked, or leave just then.
            try:
                return self._asked(self._process, data)
            except _Lost:
                self.close()
        try:
            self._process = _started(self._seconds)
            return self._asked(self._process, data)
        except (_Lost, OSError):
            self.close()
            return None

    def close(self) -> None:
        """Ends the process. Safe to call twice."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.communicate()

    def _asked(self, process: subprocess.Popen[bytes], data: bytes) -> str | None:
        assert process.stdin is not None
        assert process.stdout is not None
        timer = Timer(self._seconds, process.kill)
        timer.daemon = True
        timer.start()
        try:
            process.stdin.write(len(data).to_bytes(_SIZE, "big"))
            process.stdin.write(data)
            process.stdin.flush()
            size = process.stdout.read(_SIZE)
            answer = process.stdout.read(int.from_bytes(size, "big"))
            if len(size) < _SIZE or len(answer) < int.from_bytes(size, "big"):
                raise _Lost
        except OSError as error:
            raise _Lost from error
        except KeyboardInterrupt:
            # Half an answer would be taken for the beginning of the next.
            self.close()
            raise
        finally:
            timer.cancel()
        return answer.decode("utf-8", "replace") or None


def _started(seconds: float) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-P", _WORKER, str(int(seconds) + 5)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={name: os.environ[name] for name in _NEEDED if name in os.environ},
        start_new_session=True,
    )
