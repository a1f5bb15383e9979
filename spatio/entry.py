"""The console script: which front end do these words mean? The only module that every start loads.

spatio                      the prompt; with standard input not a terminal: commands from it
spatio -c LINE [ARG…]       one line
spatio SCRIPT [ARG…]        a file of the host: a path with a `/`, or ending in .spatio
spatio VERB …               demo, doctor, init, backup … (spatio.start.VERBS, spatio.cli)
spatio COMMAND [ARG…]       one command; its words are taken as they are
"""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import NoReturn

from spatio.start import VERBS, Misuse, read_words, say

USAGE = """\
usage: spatio [OPTION…] [COMMAND [ARG…] | -c LINE [ARG…] | SCRIPT [ARG…]]

One terminal for a person's digital life: notes, tasks and files in one tree,
a small shell over it, and AI agents held to permissions.

  spatio                     the prompt (commands from standard input in a pipe)
  spatio COMMAND [ARG…]      one command: spatio ls /notes
  spatio -c LINE [ARG…]      one line: spatio -c 'ls /tasks | first 3'
  spatio SCRIPT [ARG…]       a script: a path with a /, or ending in .spatio
  spatio demo [ARG…]         the same, on a throw-away workspace full of examples
  spatio doctor              checks the installation, with a next step for each finding
  spatio init [ADDRESS]      makes a workspace, or chooses one: in PostgreSQL, or elsewhere
  spatio key NAME            puts a key or password into the system's keyring
  spatio backup FILE         the whole workspace in one file; spatio restore FILE
  spatio migrate --to URL    takes the workspace to another store, history and all
  spatio worker              sends what waits in /outbox, keeps accounts in step, until it is stopped
  spatio completion SHELL    completion for bash, zsh or fish

options:
  --home DIR         the workspace's folder (default: $SPATIO_HOME, else the XDG folders)
  --store ADDRESS    the store for this run: postgresql://user@host/database, or a SQLite file
                     (default: $SPATIO_DATABASE_URL, else [store] in config.toml)
  --objects ADDRESS  where its large contents lie: s3://bucket/prefix, or a folder
                     (default: $SPATIO_OBJECTS, else [store] in config.toml)
  --offline          asks no service: answers from what is here (or SPATIO_OFFLINE=1)
  --fresh            asks the services first, however long it takes
  --debug            tracebacks where something in Spatio itself goes wrong
  --version          print the version and exit
  --help             print this and exit

`spatio help` lists the commands, `spatio COMMAND --help` explains one.
"""


def main() -> NoReturn:
    """Runs the process and ends it, without waiting for the interpreter to take itself down."""
    calm_collector()
    mend_descriptors()
    try:
        status = start(sys.argv[1:])
    except KeyboardInterrupt:
        status = 130
    for stream in (sys.stdout, sys.stderr):
        try:
            if stream is not None:
                stream.flush()
        except OSError:
            continue
    os._exit(status)


def calm_collector() -> None:
    """Lets the search for cycles start seldom: nearly all that a session makes goes without it."""
    gc.freeze()
    gc.set_threshold(100_000, 20, 100)


def mend_descriptors() -> None:
    """Gives closed standard streams something harmless, so that no database gets their numbers.

    Reading sees the end; writing to standard output still fails, as it should.
    """
    for descriptor, mode in ((0, os.O_RDONLY), (1, os.O_RDONLY), (2, os.O_WRONLY)):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, mode)


def start(words: Sequence[str]) -> int:
    """Runs what `words` mean and returns the exit status."""
    try:
        begun = read_words(words)
    except Misuse as wrong:
        say(f"{wrong}\n  run: spatio --help")
        return 2
    first = begun.words[0] if begun.words else ""
    if first in ("--help", "-h", "--version", "-V"):
        text = USAGE if "h" in first else f"spatio {import_module('spatio').VERSION}\n"
        return _print(text)
    if first == "--complete":
        return int(import_module("spatio.hostshells").answer(begun.words[1:]))
    if first in VERBS:
        return int(import_module("spatio.cli").run(begun))
    if first.startswith("-") and first not in ("-c", "-"):
        say(f"unknown option {first}\n  run: spatio --help")
        return 2
    return int(import_module("spatio.front").run(begun))


def _print(text: str) -> int:
    try:
        os.write(1, text.encode())
    except OSError as error:
        return 141 if isinstance(error, BrokenPipeError) else 1
    return 0
