"""A broker for each module's agencies, a scaffold in each language, and Node's one package."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from shared.plugin_sdk.admin.management import Management
from shared.plugin_sdk.conformance.harness import Harness
from shared.plugin_sdk.scaffold import scaffold
from tests.shared.plugin_sdk.support import OpenHarness
from tests.support.rabbitmq import RabbitServer, vhost_of

CODE = "H12.14.01"


@pytest.fixture(scope="module")
def open_harness(rabbit: RabbitServer) -> Iterator[OpenHarness]:
    """Opens benches for agencies by code, on one virtual host of the module's own."""
    url = rabbit.create_vhost()
    with ExitStack() as stack:

        def opened(code: str) -> Harness:
            return stack.enter_context(Harness(url, Management(rabbit.management_url, vhost_of(url)), code))

        yield opened
    rabbit.delete_vhost(url)


@pytest.fixture(scope="session")
def python_service(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new Python service as `motcua agency new` writes it."""
    directory = tmp_path_factory.mktemp("python-service")
    scaffold(CODE, "python", directory)
    return directory


@pytest.fixture(scope="session")
def node_service(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new Node service as `motcua agency new` writes it, with its one package installed."""
    directory = tmp_path_factory.mktemp("node-service")
    scaffold(CODE, "node", directory)
    quiet = ["--no-package-lock", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"]
    subprocess.run(["npm", "install", *quiet], cwd=directory, env=dict(os.environ), check=True, timeout=120)
    return directory
