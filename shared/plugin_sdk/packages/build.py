"""Builds the packages of the SDKs from the same files that `motcua agency new` copies."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import tarfile
from pathlib import Path
from tempfile import TemporaryDirectory

from shared.plugin_sdk.sdk import __version__

_HERE = Path(__file__).resolve().parent
_KIT = _HERE.parent
_NOTES = _KIT.parents[1] / "docs" / "agency-upgrades.md"
BUILD_SECONDS = 300.0


class BuildFailed(RuntimeError):
    """A package was not built; the message has the output of the tool."""


def build_wheel(target: Path) -> Path:
    """Builds the Python SDK as a wheel, without a network.

    Args:
        target: the folder for the wheel; created if it does not exist.

    Returns:
        the wheel.

    Raises:
        BuildFailed: pip refused.
    """
    pinned = (_KIT / "templates" / "python" / "requirements.txt").read_text(encoding="utf-8").strip()
    name, _, version = pinned.partition("==")
    with TemporaryDirectory() as folder:
        source = Path(folder)
        package = source / "motcua_agency"
        package.mkdir()
        for module in (_KIT / "sdk").glob("*.py"):
            (package / module.name).write_bytes(module.read_bytes())
        (package / "py.typed").touch()
        dependency = f"{name}>={version},<{int(version.partition('.')[0]) + 1}"
        settings = (_HERE / "python" / "pyproject.toml.template").read_text(encoding="utf-8")
        (source / "pyproject.toml").write_text(_filled(settings, dependency), encoding="utf-8")
        (source / "README.md").write_bytes((_HERE / "python" / "README.md").read_bytes() + b"\n" + _NOTES.read_bytes())
        _pip("wheel", "--no-deps", "--no-build-isolation", "--no-index", "--wheel-dir", str(target), str(source))
    return target / f"motcua_agency-{__version__}-py3-none-any.whl"


def build_tarball(target: Path) -> Path:
    """Builds the Node SDK as a tarball, which npm installs; without npm and a network.

    Args:
        target: the folder for the tarball; created if it does not exist.

    Returns:
        the tarball.
    """
    node = _KIT / "templates" / "node"
    pinned = json.loads((node / "package.json").read_text(encoding="utf-8"))["dependencies"]["amqplib"]
    settings = (_HERE / "node" / "package.json").read_text(encoding="utf-8")
    files = {path.name: path.read_bytes() for path in sorted((node / "motcua-agency").glob("*.js"))}
    files["package.json"] = _filled(settings, f"^{pinned}").encode()
    files["README.md"] = (_HERE / "node" / "README.md").read_bytes()
    files["UPGRADING.md"] = _NOTES.read_bytes()
    target.mkdir(parents=True, exist_ok=True)
    tarball = target / f"motcua-agency-{__version__}.tgz"
    with tarfile.open(tarball, "w:gz") as archive:
        for name, content in files.items():
            entry = tarfile.TarInfo(f"package/{name}")
            entry.size, entry.mode = len(content), 0o644
            archive.addfile(entry, io.BytesIO(content))
    return tarball


def _filled(text: str, dependency: str) -> str:
    return text.replace("@VERSION@", __version__).replace("@DEPENDENCY@", dependency)


def _pip(*arguments: str) -> None:
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=BUILD_SECONDS, check=False)
    if done.returncode:
        raise BuildFailed(f"{' '.join(command)}: {done.stdout}{done.stderr}")
