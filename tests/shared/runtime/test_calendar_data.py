"""Operators are warned a year before the recorded public holidays end."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from services.intake.worker import WORKER as INTAKE
from services.routing.worker import WORKER as ROUTING
from shared.calendar import TIMEZONE
from shared.calendar.holidays import public_holidays
from shared.runtime.clock import Clock
from shared.runtime.context import open_context
from shared.runtime.settings import read_settings
from shared.runtime.workers.calendar_data import CALENDAR_DATA, calendar_end

END = datetime(public_holidays().last_year + 1, 1, 1, tzinfo=TIMEZONE)


def test_every_worker_that_computes_with_the_calendar_watches_its_end() -> None:
    assert CALENDAR_DATA in INTAKE.sweeps
    assert CALENDAR_DATA in ROUTING.sweeps


@pytest.mark.parametrize(("days_left", "warned"), [(366, False), (365, True), (1, True)])
def test_the_end_is_shown_always_and_warned_of_in_the_last_year(
    days_left: int, warned: bool, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    now = (END - timedelta(days=days_left)).timestamp()
    settings = read_settings({"MOTCUA_MODE": "test", "MOTCUA_DATA": str(tmp_path)})
    context = open_context("intake", replace(settings, clock=Clock(source=lambda: now)))
    try:
        with caplog.at_level(logging.WARNING):
            assert CALENDAR_DATA.run(context) == 0
    finally:
        context.store.close()
    assert ("recorded public holidays end" in caplog.text) is warned
    assert calendar_end.labels("intake")._value.get() == END.timestamp()
    CALENDAR_DATA.withdraw()
