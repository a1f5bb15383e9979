"""Plug-ins as a stranger makes them: projects of their own, built, installed, and left alone when broken."""

from __future__ import annotations

import os
import pathlib
import subprocess
import sys
import sysconfig
import textwrap
import venv

import pytest

ROOT = pathlib.Path(__file__).parents[1]


class Installed:
    """An environment with Spatio in it and whatever a test installs besides."""

    def __init__(self, folder: pathlib.Path) -> None:
        self.folder = folder
        venv.create(folder, symlinks=True)
        self.python = folder / "bin" / "python"
        site = next((folder / "lib").glob("python*/site-packages"))
        (site / "here.pth").write_text(f"{ROOT}\n{sysconfig.get_path('purelib')}\n")

    def install(self, project: pathlib.Path) -> None:
        argv = [sys.executable, "-m", "pip", "--python", self.python, "install", "-q"]
        argv += ["--no-build-isolation", "--no-deps", "--no-index", "--no-compile"]
        done = subprocess.run(
            [*argv, project],
            capture_output=True,
            text=True,
            check=False,
            # What builds comes from here.
            env={**os.environ, "PIP_CONFIG_FILE": os.devnull, "PYTHONPATH": sysconfig.get_path("purelib")},
        )
        assert done.returncode == 0, done.stderr

    def run(
        self, *argv: str, cwd: pathlib.Path | None = None, **env: str
    ) -> subprocess.CompletedProcess[str]:
        full = {**os.environ, "SPATIO_HOME": str(self.folder / "home"), "TMPDIR": str(self.folder), **env}
        return subprocess.run(
            [str(self.python), *argv],
            env=full,
            cwd=cwd or self.folder,
            capture_output=True,
            text=True,
            check=False,
        )

    def spatio(self, *words: str, **env: str) -> subprocess.CompletedProcess[str]:
        return self.run("-m", "spatio", *words, **env)


def copied(name: str, target: pathlib.Path) -> pathlib.Path:
    """A project without what a build leaves behind."""
    source = ROOT / "examples" / name
    for path in source.rglob("*"):
        if path.is_file() and path.suffix in (".py", ".toml", ".md") and "build" not in path.parts:
            copy = target / name / path.relative_to(source)
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(path.read_bytes())
    return target / name


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    folder = tmp_path_factory.mktemp("stranger")
    environment = Installed(folder / "venv")
    for name in ("plugin-provider", "plugin-command"):
        environment.install(copied(name, folder))
    return environment


@pytest.mark.timeout(300)
@pytest.mark.parametrize("name", ["plugin-provider", "plugin-command"])
def test_a_plug_in_passes_its_own_tests(installed: Installed, name: str, tmp_path: pathlib.Path) -> None:
    project = copied(name, tmp_path)
    done = installed.run("-m", "pytest", "-q", "-p", "no:cacheprovider", str(project / "tests"), cwd=project)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.timeout(300)
def test_a_plug_in_command_is_one_like_any_other(installed: Installed) -> None:
    assert "Usage: stats" in installed.spatio("stats", "--help").stdout
    assert "stats" in installed.spatio("help").stdout
    assert "stats" in installed.spatio("--complete", "bash", "spatio sta", "sta").stdout.split()
    done = installed.spatio("-c", "printf 'n\\n1\\n2\\n' | from csv | stats n")
    assert done.stdout == "n: 2 values, sum 3, mean 1.50, 1 to 2\n", done.stderr


@pytest.mark.timeout(300)
def test_a_plug_in_provider_is_mounted_by_its_name(installed: Installed, tmp_path: pathlib.Path) -> None:
    table = tmp_path / "stops.csv"
    table.write_text("stop,zone\nUtrecht,3\nZeist,4\n")
    assert installed.spatio("mount", "/stops", "rows", f"path={table}", "name=stop").returncode == 0
    assert installed.spatio("ls", "/stops").stdout == "Utrecht.json\nZeist.json\n"
    assert installed.spatio("-c", "ls /stops | where zone == 4").stdout == "Zeist.json\n"
    assert '"zone": 3' in installed.spatio("cat", "/stops/Utrecht.json").stdout


@pytest.mark.timeout(300)
def test_a_broken_plug_in_breaks_nothing_else(installed: Installed, tmp_path: pathlib.Path) -> None:
    broken = tmp_path / "broken"
    broken.mkdir()
    (broken / "pyproject.toml").write_text(
        textwrap.dedent(
            """
            [build-system]
            requires = ["setuptools>=77"]
            build-backend = "setuptools.build_meta"
            [project]
            name = "spatio-broken"
            version = "1"
            [project.entry-points."spatio.commands"]
            breaks = "spatio_broken:COMMAND"
            [project.entry-points."spatio.providers"]
            breaks = "spatio_broken:PROVIDER"
            [tool.setuptools]
            py-modules = ["spatio_broken"]
            """
        )
    )
    (broken / "spatio_broken.py").write_text("raise RuntimeError('on purpose')\n")
    installed.install(broken)
    done = installed.spatio("breaks")
    assert (done.returncode, done.stdout) == (127, "")
    assert "on purpose" in done.stderr
    assert "Traceback" not in done.stderr
    refused = installed.spatio("mount", "/x", "breaks")
    assert refused.returncode != 0
    assert "on purpose" in refused.stderr
    assert installed.spatio("echo", "fine").stdout == "fine\n"
    assert installed.spatio("help").returncode == 0
    doctor = installed.spatio("doctor")
    assert doctor.returncode == 1
    assert "breaks (spatio_broken:" in doctor.stdout
    left_out = installed.spatio("breaks", SPATIO_PLUGINS="0")
    assert left_out.returncode == 127
    assert "on purpose" not in left_out.stderr


def test_the_interpreter_is_the_one_under_test(installed: Installed) -> None:
    done = installed.run("-c", "import spatio, sys; print(spatio.__file__, *sys.version_info[:2])")
    assert done.stdout.split() == [str(ROOT / "spatio" / "__init__.py"), *map(str, sys.version_info[:2])]
