"""Intake connected to the fake bank."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest

from shared.plugin_sdk.devtools.temp_resources import free_port
from tests.intake.payments.bank_fixture import KEY, Payments
from tests.intake.service_fixture import IntakeService
from tests.support.processes import Proc, wait_port
from tests.support.serving import served


@pytest.fixture(scope="module")
def bank_port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The fake bank, in a process of its own."""
    port = free_port()
    command = [sys.executable, "-m", "tests.intake.payments.fake_bank", str(port), KEY]
    with Proc(command, log=tmp_path_factory.mktemp("bank") / "log") as process:
        wait_port(port, process=process)
        yield port


@pytest.fixture
def payments(intake: IntakeService, bank_port: int) -> Iterator[Payments]:
    connected = Payments(intake, bank_port)
    with served(connected.app) as address:
        connected.address = address
        yield connected
    connected.bank(failing=False)


@pytest.fixture
def code(intake: IntakeService) -> str:
    return str(intake.file()["code"])
