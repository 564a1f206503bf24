"""A worker that sends by SMPP is killed again: no message is lost, and only what was in doubt is sent twice, and that is shown."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path

import requests

from services.notify.app import create_app
from services.notify.delivery.store import deliveries
from services.notify.handlers import HANDLERS
from shared.plugin_sdk.devtools.temp_resources import free_port
from tests.support.events import event
from tests.support.prepared import Maker, migrated
from tests.support.processes import Proc, python, wait_until
from tests.support.service import ServiceUnderTest
from tests.support.sms_networks import PASSWORD, MessageCentre

MESSAGES = 60
WINDOW = 4
KILLS = 2
IN_DOUBT = "Có thể đã gửi hai lần"


def test_no_message_is_lost_and_few_are_sent_twice(ready_file: Callable[[Maker], str], tmp_path: Path) -> None:
    url = ready_file(migrated("notify"))
    notify = ServiceUnderTest("notify", url, tmp_path, HANDLERS)
    for number in range(MESSAGES):
        dossier, phone = f"D-{number}", f"0912{number:06d}"
        registered = event("applicant.registered", 1, dossier=dossier, phone=phone, email="")
        notify.apply(registered, event("dossier.received", 2, dossier=dossier))
    with MessageCentre(tmp_path) as centre:
        environ = configure(tmp_path, url, centre)
        centre.behave(delay=0.05, receipts="after")
        for kill in range(1, KILLS + 1):
            with worker(tmp_path, environ):
                wait_until(partial(has_taken, centre, kill * MESSAGES // (KILLS + 2)), 60)
        centre.behave(delay=0.0)
        port = free_port()
        with worker(tmp_path, environ | {"MOTCUA_WORKER_PORT": str(port)}):
            # this message centre repeats no receipt that was on its way when the worker was killed: such a delivery stays `sent`
            wait_until(lambda: {row["state"] for row in notify.rows(deliveries)} <= {"sent", "delivered"}, 60)
            counted = wait_until(lambda: counted_doubts(port), 10, what="what the last kill left in doubt")
        reached = Counter(entry["destination"] for entry in centre.taken())
    doubtful = {row["dossier"]: row["doubts"] for row in notify.rows(deliveries) if row["doubts"]}
    client, headers = notify.client(create_app), notify.headers("clerk") | {"Accept": "text/html"}
    pages = {
        row["dossier"]: client.get(f"/notify/dossiers/{row['dossier']}", headers=headers).text
        for row in notify.rows(deliveries)
    }
    notify.store.close()
    doubts = sum(doubtful.values())
    twice = sum(count - 1 for count in reached.values())
    assert len(reached) == MESSAGES, "none is lost"
    assert max(reached.values()) <= 1 + KILLS
    assert twice <= doubts, "what is sent twice is counted as in doubt"
    assert 1 <= counted <= doubts
    assert {dossier for dossier, page in pages.items() if IN_DOUBT in page} == doubtful.keys()


def counted_doubts(port: int) -> int:
    """The worker's counter of deliveries in doubt."""
    name = 'motcua_notify_deliveries_in_doubt_total{channel="sms",service="notify"} '
    lines = requests.get(f"http://127.0.0.1:{port}/notify/metrics", timeout=10).text.splitlines()
    return next((int(float(line.removeprefix(name))) for line in lines if line.startswith(name)), 0)


def has_taken(centre: MessageCentre, count: int) -> bool:
    """Whether so many messages have reached the message centre."""
    return len(centre.taken()) >= count


def configure(directory: Path, url: str, centre: MessageCentre) -> dict[str, str]:
    """The worker's environment, with the message centre as the only provider."""
    provider = {
        "name": "network",
        "channel": "sms",
        "kind": "smpp",
        "address": f"127.0.0.1:{centre.port}",
        "system_id": "motcua",
        "secret_env": "SMPP_PASSWORD",
        "sender": "MOTCUA",
        "window": WINDOW,
        "concatenation": "payload",
    }
    file = directory / "providers.json"
    file.write_text(json.dumps({"providers": [provider]}))
    return {
        "MOTCUA_MODE": "test",
        "MOTCUA_DATA": str(directory / "data"),
        "MOTCUA_NOTIFY_DB_URL": url,
        "MOTCUA_BUS_URL": "embedded:",
        "MOTCUA_LEASE_SECONDS": "0.5",
        "MOTCUA_NOTIFY_PROVIDERS": str(file),
        "SMPP_PASSWORD": PASSWORD,
    }


def worker(directory: Path, environ: dict[str, str]) -> Proc:
    """Notify's worker; the end of the block kills it."""
    return Proc(python("-m", "shared.cli", "worker", "notify"), log=directory / "worker.log", env=environ)
