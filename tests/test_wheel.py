"""The wheel: built, installed into an environment of its own, and complete there."""

from __future__ import annotations

import os
import pathlib
import subprocess
import sys
import sysconfig
import venv
import zipfile

import pytest

ROOT = pathlib.Path(__file__).parents[1]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    for package in ("commands", "providers", "spatio", "vfs"):
        for path in (ROOT / package).rglob("*"):
            if path.is_file() and "__pycache__" not in path.parts:
                copy = source / path.relative_to(ROOT)
                copy.parent.mkdir(parents=True, exist_ok=True)
                copy.write_bytes(path.read_bytes())
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        (source / name).write_bytes((ROOT / name).read_bytes())
    argv = [
        sys.executable,
        "-c",
        f"from setuptools.build_meta import build_wheel; print(build_wheel({str(folder)!r}))",
    ]
    done = subprocess.run(argv, cwd=source, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return folder / done.stdout.split()[-1]


def test_everything_that_is_no_python_is_in_it(wheel: pathlib.Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    for package in ("commands", "providers", "spatio", "vfs"):
        missing = [
            str(path.relative_to(ROOT))
            for path in (ROOT / package).rglob("*")
            if path.is_file() and "__pycache__" not in path.parts and str(path.relative_to(ROOT)) not in names
        ]
        assert not missing
    assert any(name.endswith("licenses/LICENSE") for name in names)
    assert not [name for name in names if name.startswith(("tests", "benchmarks", "examples", "scripts"))]


@pytest.mark.timeout(300)
def test_it_runs_where_nothing_else_of_the_project_is(wheel: pathlib.Path, tmp_path: pathlib.Path) -> None:
    venv.create(tmp_path / "venv", symlinks=True)
    python = tmp_path / "venv" / "bin" / "python"
    argv = [sys.executable, "-m", "pip", "--python", python, "install", "-q"]
    argv += ["--no-deps", "--no-index", "--no-compile", wheel]
    env = {**os.environ, "PIP_CONFIG_FILE": os.devnull}
    subprocess.run(argv, check=True, env=env, capture_output=True)
    site = next((tmp_path / "venv" / "lib").glob("python*/site-packages"))
    # The dependencies come from here; the project's own folder, which an editable install names, does not.
    (site / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    spatio = tmp_path / "venv" / "bin" / "spatio"
    clean = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "SPATIO_HOME")}

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [spatio, *words],
            env={**clean, "HOME": str(tmp_path)},
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )

    assert run("demo", "-c", "ls /notes | wc -l; ls /agents | head -1").returncode == 0
    assert "summarizer.md" in run("ls", "/agents").stdout
    doctor = run("doctor")
    assert doctor.returncode == 0, doctor.stdout
    assert str(tmp_path / "venv") in doctor.stdout
    assert (tmp_path / ".local" / "share" / "spatio" / "spatio.db").exists()
