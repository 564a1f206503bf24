"""Every place outside a service's own folders that has to name the service."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

Check = Callable[[Path, str], bool]
"""Whether a checkout names a service. Arguments: the checkout's root and the service."""


@dataclass(frozen=True)
class Place:
    """One place that has to name every service.

    Attributes:
        path: the file or folder, from the root of the checkout; ``{service}`` stands for the service's name.
        what: what has to be there.
        names: the check.
    """

    path: str
    what: str
    names: Check

    def __str__(self) -> str:
        return f"{self.path}: {self.what}"


def missing_places(root: Path, service: str) -> list[str]:
    """The places of a checkout that do not name a service.

    Args:
        root: the checkout.
        service: its name.
    """
    return [str(place).format(service=service) for place in PLACES if not place.names(root, service)]


def _yaml(root: Path, path: str) -> Any:
    return yaml.safe_load((root / path).read_text())


def _contains(path: str, pattern: str) -> Check:
    """The text of a file matches a regular expression; ``SERVICE`` stands for the name, ``VARIABLE`` for the name in capitals."""

    def check(root: Path, service: str) -> bool:
        filled = pattern.replace("SERVICE", service).replace("VARIABLE", service.upper())
        return re.search(filled, (root / path).read_text(), re.MULTILINE) is not None

    return check


def _exists(path: str) -> Check:
    return lambda root, service: (root / path.format(service=service)).exists()


def _subscribed(root: Path, service: str) -> bool:
    texts = (path.read_text() for path in (root / "shared" / "contracts").glob("*.py"))
    return any(re.search(rf'subscribers=\([^)]*"{service}"', text) for text in texts)


def _independent(root: Path, service: str) -> bool:
    project = tomllib.loads((root / "pyproject.toml").read_text())
    contracts = project["tool"]["importlinter"]["contracts"]
    (found,) = [contract for contract in contracts if contract["type"] == "independence"]
    return f"services.{service}" in found["modules"]


def _containers(root: Path, service: str) -> bool:
    wanted = {f"{service}-{part}" for part in ("migrate", "web", "worker")}
    return wanted <= set(_yaml(root, COMPOSE)["services"])


def _before_the_front(root: Path, service: str) -> bool:
    return f"{service}-web" in _yaml(root, COMPOSE)["services"]["front"]["depends_on"]


def _password_of_postgres(root: Path, service: str) -> bool:
    return f"{service.upper()}_DB_PASSWORD" in _yaml(root, COMPOSE)["services"]["postgres"]["environment"]


def _in_base(root: Path, service: str) -> bool:
    return service in _yaml(root, f"{K8S}/base/kustomization.yaml")["resources"]


def _paths(root: Path) -> Iterator[tuple[str, str]]:
    documents = yaml.safe_load_all((root / INGRESS).read_text())
    (ingress,) = [document for document in documents if document["kind"] == "Ingress"]
    for rule in ingress["spec"]["rules"]:
        for entry in rule["http"]["paths"]:
            yield entry["path"], entry["backend"]["service"]["name"]


def _ingress(root: Path, service: str) -> bool:
    return {(f"/{service}", f"{service}-web"), (f"/{service}/metrics", "no-backend")} <= set(_paths(root))


def _example_secret(root: Path, service: str) -> bool:
    generated = _yaml(root, f"{K8S}/example-secrets/kustomization.yaml")["secretGenerator"]
    return f"motcua-{service}-db" in {secret["name"] for secret in generated}


COMPOSE = "docker-compose.yml"
DATABASES = "deploy/compose/postgres/10-databases.sql"
FRONT = "deploy/compose/front/nginx.conf"
K8S = "deploy/k8s"
INGRESS = f"{K8S}/base/ingress.yaml"

PLACES = (
    Place("services/registry.py", "an entry in SERVICES", _contains("services/registry.py", r'Service\(\s*"SERVICE"')),
    Place("shared/contracts/", "a subscriber of the events that it applies", _subscribed),
    Place("pyproject.toml", "import-linter's independence contract", _independent),
    Place("tests/{service}/", "its tests", _exists("tests/{service}")),
    Place("README.md", "the list of services", _contains("README.md", r"\bSERVICE\b")),
    Place(COMPOSE, "containers {service}-migrate, -web and -worker", _containers),
    Place(COMPOSE, "{service}-web in depends_on of front", _before_the_front),
    Place(COMPOSE, "the password of its database in the environment of postgres", _password_of_postgres),
    Place(
        "deploy/compose/env.example",
        "the password of its database",
        _contains("deploy/compose/env.example", r"^VARIABLE_DB_PASSWORD="),
    ),
    Place(DATABASES, "the variable with its password", _contains(DATABASES, r"^\\getenv SERVICE_password ")),
    Place(DATABASES, "its role and database", _contains(DATABASES, r"^\s*\('SERVICE', :'SERVICE_password'\)")),
    Place(FRONT, "its name in the map of services", _contains(FRONT, r"<first>[a-z|]*\bSERVICE\b")),
    Place(f"{K8S}/base/{{service}}/", "its kustomization", _exists(f"{K8S}/base/{{service}}/kustomization.yaml")),
    Place(f"{K8S}/base/kustomization.yaml", "its folder in resources", _in_base),
    Place(
        f"{K8S}/base/kustomization.yaml",
        "the Secret of its database in the comment",
        _contains(f"{K8S}/base/kustomization.yaml", r"^# .*[ ,](?:motcua)?-SERVICE-db\b"),
    ),
    Place(INGRESS, "its path, and its metrics hidden", _ingress),
    Place(f"{K8S}/example-secrets/kustomization.yaml", "the Secret of its database", _example_secret),
)
