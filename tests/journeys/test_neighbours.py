"""One service's worker stands still for a while: nothing is lost, the neighbours go on, and it catches up."""

from __future__ import annotations

import pytest

from shared.client.tracked_dossier import token_in
from shared.runtime.settings import SERVICES
from tests.faults.delivery_audit import CompletedDossier, DeliveryAudit, pending_work
from tests.journeys import actors
from tests.journeys.actors import COPY, DESK
from tests.journeys.in_process_platform import Inside
from tests.support.processes import wait_until

DOSSIERS = 3


@pytest.mark.parametrize("service", SERVICES)
def test_a_standing_worker_loses_nothing_and_catches_up(inside: Inside, service: str) -> None:
    people = inside.people()
    inside.stop_worker(service)
    codes = [people.file(DESK, COPY)["code"] for _ in range(DOSSIERS)]  # accepted, whoever stands still
    if service not in ("intake", "routing"):
        for code in codes:
            actors.certify(people, code, told=service == "notify")  # somebody must (NĐ 118/2025, article 22.5)
    for name in SERVICES:
        people.public().get(f"/{name}/health/ready")
    stores = {name: inside.contexts[name].store for name in SERVICES}
    if service in ("notify", "rating", "stats"):
        queue = f"queue motcua.{service}"
        wait_until(lambda: pending_work(stores, inside.settings)[queue] >= DOSSIERS, what="what waits for it")
    inside.start_worker(service)
    for code in codes:
        if service in ("intake", "routing"):
            actors.certify(people, code)
        token = token_in(actors.sms(people, code, "rating_invitation")["text"])
        people.public().post("/rating/api/ratings", {"token": token, "score": 4})
    actors.counts(people, received=DOSSIERS, returned=DOSSIERS, rated=DOSSIERS)
    wait_until(lambda: not any(pending_work(stores, inside.settings).values()), what="empty outboxes and queues")
    stories = [CompletedDossier(code, ("certify",)) for code in codes]
    wait_until(lambda: not DeliveryAudit(stores, inside.spool, stories).differences, what="balanced books")
