"""The deployment files as data: the compose file, the rendered Kubernetes base, and the names of all settings."""

from __future__ import annotations

import functools
import re
import secrets
import shutil
import subprocess
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from services.registry import SERVICE_NAMES
from shared.runtime.generated_keys import new_data_key
from shared.runtime.settings import SettingsError, read_settings
from tests.deploy.kustomize import build
from tests.support.processes import REPOSITORY

BASE = REPOSITORY / "deploy" / "k8s" / "base"
EXAMPLE_SECRETS = REPOSITORY / "deploy" / "k8s" / "example-secrets"
ENV_EXAMPLE = REPOSITORY / "deploy" / "compose" / "env.example"
VARIABLE = re.compile(r"\$\{(?P<name>\w+)(?:(?P<kind>:-|:\?)(?P<text>[^}]*))?\}")
KUBERNETES = ("1.30", "1.37")
"""The oldest and the newest supported version."""
KUSTOMIZE = (
    ("kubectl", ["version", "--client", "--output=json"], r'"kustomizeVersion": *"v(\d+)\.', ["kustomize"]),
    ("kustomize", ["version"], r"v(\d+)\.", ["build"]),
)
"""Programs that contain kustomize: name, arguments for the version, pattern of the version in the output, arguments to render."""
KEY = "only tests ever use this key: 0123456789"
JWKS = (
    '{"keys":[{"kty":"EC","crv":"P-256","kid":"a","use":"sig","alg":"ES256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",'
    '"y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}]}'
)
"""A public key: the example of RFC 7517, appendix A.1, and RFC 7515, appendix A.3."""

Manifest = dict[str, Any]


@functools.cache
def compose() -> Manifest:
    """docker-compose.yml with resolved anchors and merges, but with its variables."""
    loaded: Manifest = yaml.safe_load((REPOSITORY / "docker-compose.yml").read_text())
    return loaded


@functools.cache
def compose_variables() -> dict[str, set[str]]:
    """Variable → how docker-compose.yml uses it: ``:?`` required, ``:-`` with a default, or empty."""
    found: dict[str, set[str]] = {}
    for match in VARIABLE.finditer((REPOSITORY / "docker-compose.yml").read_text()):
        found.setdefault(match["name"], set()).add(match["kind"] or "")
    return found


def required_values(jwks: str, public_url: str) -> dict[str, str]:
    """A valid value for each variable that docker-compose.yml requires; secrets are random.

    Args:
        jwks: the public keys that check tokens.
        public_url: of the platform.
    """
    required = [name for name, kinds in compose_variables().items() if ":?" in kinds]
    return {
        **{name: secrets.token_hex(16) for name in required},
        "MOTCUA_DATA_KEYS": new_data_key("k1"),
        "MOTCUA_JWKS": jwks,
        "MOTCUA_PUBLIC_URL": public_url,
    }


def filled(text: str, values: Mapping[str, str]) -> str:
    """A text of the compose file with its variables replaced; a variable with neither value nor default becomes ``x``."""
    return VARIABLE.sub(
        lambda match: values.get(match["name"], match["text"] if match["kind"] == ":-" else "x"), str(text)
    )


@functools.cache
def rendered(folder: Path) -> tuple[Manifest, ...]:
    """The Kubernetes objects that a kustomization makes; test_kustomize.py compares them with those of kustomize."""
    return tuple(build(folder))


@functools.cache
def kustomize_command() -> tuple[str, ...] | None:
    """The command that renders a folder (appended): kubectl 1.27, kustomize 5 or newer; None if there is neither."""
    for program, ask, version, render in KUSTOMIZE:
        if path := shutil.which(program):
            done = subprocess.run([path, *ask], capture_output=True, text=True, check=False, timeout=60)
            found = re.search(version, done.stdout)
            if found and int(found[1]) >= 5:
                return (path, *render)
    return None


def rendered_by_kustomize(folder: Path) -> tuple[Manifest, ...] | None:
    """The same as `rendered`, made by kustomize if it is installed, otherwise None.

    Raises:
        RuntimeError: it cannot be rendered.
    """
    command = kustomize_command()
    if command is None:
        return None
    done = subprocess.run([*command, str(folder)], capture_output=True, text=True, check=False, timeout=60)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)} {folder}: {done.stderr.strip()}")
    return tuple(document for document in yaml.safe_load_all(done.stdout) if document)


def fill_example_secrets(folder: Path, keys_of: Callable[[str], Iterable[str]]) -> None:
    """Copies the example's kustomization of Secrets and makes the files that it needs; `keys_of` gives the keys in a Secret."""
    text = (EXAMPLE_SECRETS / "kustomization.yaml").read_text()
    (folder / "kustomization.yaml").write_text(text)
    for name, file in re.findall(r"- name: (\S+)\n\s+envs: \[(\S+)\]", text):
        (folder / file).write_text("".join(f"{key}=value\n" for key in keys_of(name)))


def of_kind(*kinds: str) -> list[Manifest]:
    """The objects of the base of some kinds."""
    return [document for document in rendered(BASE) if document["kind"] in kinds]


def named(kind: str, name: str) -> Manifest:
    """The one object of the base of a kind and name."""
    (found,) = [document for document in of_kind(kind) if document["metadata"]["name"] == name]
    return found


def pod(workload: Manifest) -> Manifest:
    """The pod specification of a Deployment or Job."""
    spec: Manifest = workload["spec"]["template"]["spec"]
    return spec


def containers(workload: Manifest) -> list[Manifest]:
    """All containers of a Deployment or Job, including init containers."""
    return [*pod(workload).get("initContainers", []), *pod(workload)["containers"]]


def kubernetes_environment(container: Manifest) -> dict[str, str]:
    """The environment of a container of the base, with sample values for those from Secrets."""
    environ: dict[str, str] = {}
    for source in container.get("envFrom", []):
        environ.update(named("ConfigMap", source["configMapRef"]["name"])["data"])
    for entry in container.get("env", []):
        environ[entry["name"]] = entry.get("value") or secret_value(entry["valueFrom"]["secretKeyRef"])
    return environ


def secret_value(reference: Mapping[str, Any]) -> str:
    """A sample value in the format of the operators' Secrets."""
    return {
        "uri": f"postgresql://user:password@host:5432/{reference['name']}",
        "connection_string": "amqp://user:password@host:5672/",
        "jwks": JWKS,
        "signing-key": "a private key in PEM",
        "hash-key": KEY,
        "data-keys": f"k1:{KEY}",
        "issuer": "https://id.example.gov.vn",
        "client-id": "motcua",
        "client-secret": KEY,
        "id-claim": "citizen_id",
        "url": "https://pay.example.vn",
        "key": KEY,
        "account": "970415:113366668888:KHO BAC NHA NUOC",
        "endpoint": "https://s3.example.vn",
        "bucket": "motcua-files",
        "access-key": "motcua",
        "secret-key": KEY,
        "region": "us-east-1",
        "prefix": "motcua/",
    }[reference["key"]]


class _Asked(dict[str, str]):
    """Records the names that were read."""

    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()

    def get(self, name: str, default: Any = None) -> Any:
        self.names.add(name)
        return super().get(name, default)


@functools.cache
def known_settings() -> frozenset[str]:
    """The names of all environment variables that motcua reads, in the settings and elsewhere in the code."""
    asked = _Asked()
    asked["MOTCUA_MODE"] = "production"
    with pytest.raises(SettingsError):  # nothing is set, but every name is read
        read_settings(asked)
    databases = {f"MOTCUA_{name.upper()}_DB_URL" for name in SERVICE_NAMES}
    return frozenset(asked.names | databases | set(_named_in_code()))


def _named_in_code() -> Iterator[str]:
    for folder in ("shared", "services"):
        for path in (REPOSITORY / folder).rglob("*.py"):
            yield from re.findall(r'"(MOTCUA_[A-Z0-9_]+|PROMETHEUS_MULTIPROC_DIR)"', path.read_text())
