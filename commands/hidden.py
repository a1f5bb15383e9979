"""hidden_line: a line that is typed at the terminal without being shown."""

from __future__ import annotations

import os
import select
import signal
import termios

from vfs.errors import LoginNeeded

_ERASE = (0x08, 0x7F)
_KILL = 0x15
_INTERRUPT = 0x03
_END = 0x04
_ENTER = (0x0A, 0x0D)
MOST = 4096
"""Bytes of a line; a paste that is longer is no password."""


def hidden_line(question: str) -> str:
    """Asks at the process's terminal; the answer without its line end. Blocks.

    Ctrl-C is taken here, so that it ends the question also where another thread asks, and then handed
    on to the program. Raises LoginNeeded where there is no terminal, or the answer is broken off.
    """
    try:
        terminal = os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY | os.O_CLOEXEC)
    except OSError:
        raise LoginNeeded(None, "there is no terminal to ask at") from None
    try:
        before = termios.tcgetattr(terminal)
        quiet = termios.tcgetattr(terminal)
        quiet[3] &= ~(termios.ECHO | termios.ICANON | termios.ISIG)
        termios.tcsetattr(terminal, termios.TCSAFLUSH, quiet)
        try:
            os.write(terminal, question.encode())
            typed = _typed(terminal)
        finally:
            termios.tcsetattr(terminal, termios.TCSADRAIN, before)
            os.write(terminal, b"\n")
    finally:
        os.close(terminal)
    if typed is None:
        os.kill(os.getpid(), signal.SIGINT)
        raise LoginNeeded(None, "broken off")
    return typed


def _typed(terminal: int) -> str | None:
    """What is typed up to Enter; None for Ctrl-C."""
    line = bytearray()
    while True:
        select.select([terminal], [], [])
        data = os.read(terminal, 1)
        key = data[0] if data else _END
        if key in _ENTER or (key == _END and not line):
            return line.decode("utf-8", "surrogateescape")
        if key == _INTERRUPT:
            return None
        if key in _ERASE:
            while line and line[-1] & 0xC0 == 0x80:
                del line[-1]
            del line[-1:]
        elif key == _KILL:
            line.clear()
        elif key != _END and len(line) < MOST:
            line.append(key)
