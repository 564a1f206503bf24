"""How soon a citizen's SMS over SMPP is answered by SMS, through one worker that also waits for other work."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from rich.console import Console

from tests.notify.channels.test_killed_sender import configure, has_taken, worker
from tests.notify.inbound.test_inbound_over_smpp import ASKED
from tests.support.prepared import Maker, migrated
from tests.support.processes import wait_until
from tests.support.sms_networks import MessageCentre

pytestmark = [pytest.mark.bench, pytest.mark.timeout(300)]

COUNT = 20


def test_an_inbound_sms_is_answered(ready_file: Callable[[Maker], str], tmp_path: Path) -> None:
    seconds = []
    with (
        MessageCentre(tmp_path) as centre,
        worker(tmp_path, configure(tmp_path, ready_file(migrated("notify")), centre)),
    ):
        wait_until(lambda: centre.seen()["links"] > 0, 30)
        for number in range(COUNT):
            started = time.perf_counter()
            centre.post("/inbound", ASKED | {"source": f"8498765{number:04d}"})
            wait_until(partial(has_taken, centre, number + 1), 30)
            seconds.append(time.perf_counter() - started)
    slowest, median = max(seconds), statistics.median(seconds)
    Console().print(
        f"SMS answered by SMS: median {median * 1000:,.0f} ms, slowest {slowest * 1000:,.0f} ms (goal ≤ 1 s)"
    )
    assert median <= 1
