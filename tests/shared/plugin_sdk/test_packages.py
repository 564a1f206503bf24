"""`make kits`: a generated service works with the package in place of the copied folder."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from shared.plugin_sdk.packages import build
from shared.plugin_sdk.packages.build import BuildFailed, build_tarball, build_wheel
from shared.plugin_sdk.scaffold import scaffold
from shared.plugin_sdk.sdk import __version__
from tests.support.processes import REPOSITORY

CODE = "H12.14.01"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built wheel."""
    return build_wheel(tmp_path_factory.mktemp("dist") / "made")


def run(command: list[str], folder: Path) -> str:
    """Runs a command in a folder and returns its output."""
    environment = {"PATH": "/usr/local/bin:/usr/bin:/bin"}  # without this repository
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_a_python_service_works_with_the_wheel(wheel: Path, tmp_path: Path) -> None:
    scaffold(CODE, "python", tmp_path)
    shutil.rmtree(tmp_path / "motcua_agency")
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    run([*pip, "--no-deps", "--no-index", "--target", str(tmp_path), str(wheel)], tmp_path)
    assert "Ran 2 tests" in run([sys.executable, "-S", "-m", "unittest"], tmp_path)
    said = run([sys.executable, "-S", "-c", "import motcua_agency; print(motcua_agency.__version__)"], tmp_path)
    assert said.strip() == __version__


def test_the_wheel_has_the_sdk_alone_with_notes_and_types(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if name.startswith("motcua_agency/")}
        metadata = archive.read(f"motcua_agency-{__version__}.dist-info/METADATA").decode()
        assert not any(b"shared." in archive.read(name) for name in names)
    modules = {path.name for path in (REPOSITORY / "shared" / "plugin_sdk" / "sdk").glob("*.py")}
    assert names == {f"motcua_agency/{name}" for name in (*modules, "py.typed")}
    assert re.search(r"^Requires-Dist: pika<2,>=1\.\d+\.\d+$", metadata, re.MULTILINE)
    assert f"### {__version__}" in metadata


def test_a_node_service_works_with_the_tarball(tmp_path: Path) -> None:
    service, dist = tmp_path / "service", tmp_path / "dist"
    scaffold(CODE, "node", service)
    shutil.rmtree(service / "motcua-agency")
    package = service / "node_modules" / "motcua-agency"
    package.parent.mkdir()
    with tarfile.open(build_tarball(dist)) as archive:
        archive.extractall(package.parent, filter="data")
    (package.parent / "package").rename(package)
    for file in (service / "service.js", service / "test" / "service.test.js"):
        file.write_text(re.sub(r"'\.\.?/motcua-agency/index\.js'", "'motcua-agency'", file.read_text()))
    assert "pass 2" in run(["npm", "test"], service)
    described = json.loads((package / "package.json").read_text())
    assert described["version"] == __version__
    assert re.fullmatch(r"\^\d+\.\d+\.\d+", described["dependencies"]["amqplib"])
    assert f"### {__version__}" in (package / "UPGRADING.md").read_text()


def test_npm_accepts_the_tarball(tmp_path: Path) -> None:
    tarball = build_tarball(tmp_path)
    said = json.loads(run(["npm", "pack", "--dry-run", "--json", str(tarball)], tmp_path))
    assert (said[0]["name"], said[0]["version"]) == ("motcua-agency", __version__)


def test_what_pip_says_is_shown_when_it_refuses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(build, "__version__", "no version")
    with pytest.raises(BuildFailed, match="no version"):
        build_wheel(tmp_path)
