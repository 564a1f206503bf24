"""The worker of one service is stopped for a while: nothing is lost, the other services continue, and it catches up."""

from __future__ import annotations

import pytest

from services.registry import SERVICE_NAMES
from shared.client.tracked_dossier import token_in
from tests.faults.delivery_audit import CompletedDossier, DeliveryAudit, pending_work
from tests.journeys import actors
from tests.journeys.actors import COPY, DESK
from tests.journeys.in_process_platform import InProcessPlatform
from tests.support.processes import wait_until

DOSSIERS = 3


@pytest.mark.parametrize("service", SERVICE_NAMES)
def test_a_stopped_worker_loses_nothing_and_catches_up(platform: InProcessPlatform, service: str) -> None:
    people = platform.people()
    platform.stop_worker(service)
    codes = [people.file(DESK, COPY)["code"] for _ in range(DOSSIERS)]  # accepted whichever worker is stopped
    if service not in ("intake", "routing"):
        for code in codes:
            actors.certify(people, code, citizen_notified=service == "notify")  # required by NĐ 118/2025, article 22.5
    for name in SERVICE_NAMES:
        people.public().get(f"/{name}/health/ready")
    stores = {name: platform.contexts[name].store for name in SERVICE_NAMES}
    if service in ("notify", "rating", "stats"):
        queue = f"queue motcua.{service}"
        wait_until(lambda: pending_work(stores, platform.settings)[queue] >= DOSSIERS, what="what waits for it")
    platform.start_worker(service)
    for code in codes:
        if service in ("intake", "routing"):
            actors.certify(people, code)
        token = token_in(actors.sms(people, code, "rating_invitation")["text"])
        people.public().post("/rating/api/ratings", {"token": token, "score": 4})
    actors.counts(people, received=DOSSIERS, returned=DOSSIERS, rated=DOSSIERS)
    wait_until(lambda: not any(pending_work(stores, platform.settings).values()), what="empty outboxes and queues")
    stories = [CompletedDossier(code, ("certify",)) for code in codes]
    wait_until(lambda: not DeliveryAudit(stores, platform.spool, stories).differences, what="balanced books")
