"""Platforms for the journeys, inside the test's process, on files and on servers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from flask import Flask

from services.registry import SERVICE_NAMES, find_service
from shared.runtime.clock import VIETNAM
from shared.runtime.context import open_context
from shared.runtime.settings import read_settings
from tests.faults.delivery_audit import pending_work
from tests.journeys.in_process_platform import InProcessPlatform, manual_clock
from tests.journeys.page_sample import Sample
from tests.support.backends import Backends, fresh_backends
from tests.support.platform import COMPACT, EACH, Layout, Running
from tests.support.prepared import PreparedFiles
from tests.support.processes import wait_until

LAYOUTS: dict[str, Layout] = {"embedded": COMPACT, "servers": EACH}
MONDAY = datetime(2025, 11, 3, 8, 0, tzinfo=VIETNAM)
PAIRS = ("embedded+sqlite", "rabbitmq+postgresql")
"""As offices run it, on files or on servers; services and bus have tests of their own on each."""


@pytest.fixture(params=SERVICE_NAMES)
def service_app(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Flask]:
    """The app of each service in turn, without tables: enough for what it says about itself."""
    settings = read_settings({"MOTCUA_MODE": "test", "MOTCUA_DATA": str(tmp_path)})
    context = open_context(request.param, settings)
    yield find_service(request.param).create_app(context)
    context.store.close()


@pytest.fixture(params=PAIRS)
def any_backends(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Backends]:
    """Fresh, migrated databases and a fresh bus; the test runs on files and on servers."""
    bus, database = request.param.split("+")
    databases = request.getfixturevalue("prepared_databases" if database == "postgresql" else "prepared_files")
    rabbit = request.getfixturevalue("rabbit") if bus == "rabbitmq" else None
    with fresh_backends(tmp_path, databases, rabbit) as made:
        yield made


@pytest.fixture
def file_backends(prepared_files: PreparedFiles, tmp_path: Path) -> Iterator[Backends]:
    """Fresh, migrated databases and a fresh bus in files."""
    with fresh_backends(tmp_path, prepared_files) as made:
        yield made


@pytest.fixture
def any_platform(any_backends: Backends, tmp_path: Path) -> Iterator[InProcessPlatform]:
    """A platform in this process on a Monday morning, on files and on servers."""
    with InProcessPlatform(tmp_path, any_backends, manual_clock(MONDAY)) as platform:
        yield platform


@pytest.fixture
def platform(file_backends: Backends, tmp_path: Path) -> Iterator[InProcessPlatform]:
    """A platform in this process on a Monday morning, on files."""
    with InProcessPlatform(tmp_path, file_backends, manual_clock(MONDAY)) as platform:
        yield platform


@pytest.fixture(scope="module")
def still_platform(
    tmp_path_factory: pytest.TempPathFactory, prepared_files: PreparedFiles
) -> Iterator[InProcessPlatform]:
    """One platform for all tests of a file: they send what is refused, and ask for what does not exist."""
    directory = tmp_path_factory.mktemp("still")
    with (
        fresh_backends(directory, prepared_files) as base,
        InProcessPlatform(directory, base, manual_clock(MONDAY)) as platform,
    ):
        platform.stop_workers()
        yield platform


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory, prepared_files: PreparedFiles) -> Iterator[Sample]:
    """A platform with something at each place that pages show; tests only look at it, or send what changes nothing."""
    directory = tmp_path_factory.mktemp("pages")
    with (
        fresh_backends(directory, prepared_files) as base,
        InProcessPlatform(directory, base, manual_clock(MONDAY)) as platform,
    ):
        made = Sample(platform)
        stores = {name: platform.context(name).store for name in SERVICE_NAMES}
        wait_until(lambda: not any(pending_work(stores, platform.settings).values()), what="everything processed")
        platform.stop_workers()  # nothing more happens; they would only look again and again
        yield made


@pytest.fixture(params=LAYOUTS)
def demo(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Running]:
    """A platform of processes with its own identity provider and payment gateway, on files and on servers."""
    servers = request.param == "servers"
    databases = request.getfixturevalue("prepared_databases" if servers else "prepared_files")
    rabbit = request.getfixturevalue("rabbit") if servers else None
    with (
        fresh_backends(tmp_path, databases, rabbit) as base,
        Running(tmp_path, base, LAYOUTS[request.param], settings={"MOTCUA_MODE": "demo"}) as platform,
    ):
        yield platform
