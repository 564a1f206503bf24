"""A citizen's SMS over a real SMPP session is answered by SMS by the worker, both of them processes of their own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tests.notify.channels.test_killed_sender import configure, worker
from tests.support.prepared import Maker, migrated
from tests.support.processes import wait_until
from tests.support.sms_networks import MessageCentre

ASKED = {"source": "84987654321", "destination": "8099", "text": "TG", "data_coding": 0}


def test_an_sms_is_answered(ready_file: Callable[[Maker], str], tmp_path: Path) -> None:
    url = ready_file(migrated("notify"))
    with MessageCentre(tmp_path) as centre:
        with worker(tmp_path, configure(tmp_path, url, centre)):
            wait_until(lambda: centre.seen()["links"] > 0, 30)
            centre.post("/inbound", ASKED)
            wait_until(centre.texts, 30)
        ((number, text),) = centre.texts()
    assert number == "84987654321"
    assert "HS ma-ho-so ma-bi-mat" in text
