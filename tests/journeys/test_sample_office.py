"""The sample dossiers that `make run` shows: in each state there are some, and nothing goes wrong."""

from __future__ import annotations

from services.intake.dossiers.domain import State
from shared.catalogue import load_builtin
from shared.client.http import Client
from shared.client.sample_desk import SampleDesks
from shared.client.sample_office import PLAN, SampleOffice
from tests.journeys.actors import DESK, OTHER_DESK
from tests.journeys.in_process_platform import InProcessPlatform
from tests.support.processes import wait_until

STATES = {
    "received": {State.RECEIVED, State.PROCESSING},
    "under_way": {State.PROCESSING},
    "supplement": {State.SUPPLEMENT_REQUESTED},
    "supplemented": {State.PROCESSING},
    "obligation": {State.OBLIGATION_REQUESTED},
    "refused": {State.PROCESSING, State.RESOLVED},
    "stopped": {State.STOPPED},
    "withdrawn": {State.STOPPED},
    "resolved": {State.RESOLVED},
    "returned": {State.RETURNED},
    "rated": {State.RETURNED},
}


def test_sample_dossiers_are_in_all_states(platform: InProcessPlatform) -> None:
    people = platform.people()
    desks = SampleDesks(people, [DESK, OTHER_DESK])
    assert len(set(desks.decline())) == 4
    assert len(set(desks.register_parcels())) == 3
    for desk in (DESK, OTHER_DESK):
        totals = people.client_for("clerk", desk).get("/intake/api/declined-filings")["totals"]
        assert totals == {"all": 2, "guided": 1, "refused": 1, "repeated": 0}
    assert desks.receive_visitors() == ["A001", "B001", "A002", "A003", "A004", "D001", "A005", "B002"] * 2
    assert desks.receive_visitors() == [], "there are visitors today"
    line = people.client_for("clerk", DESK).get(f"/intake/api/desks/{DESK}/tickets")["items"]
    assert [one["number"] for one in line] == ["B002", "B001", "D001", "A005"]
    waiting = people.client_for("clerk", DESK).get("/intake/api/applications")["items"]
    assert [one["status"] for one in waiting] == ["waiting"]
    filled = SampleOffice(people, load_builtin(), [DESK, OTHER_DESK]).fill(dict.fromkeys(PLAN, 1) | {"received": 3})
    assert desks.waive(filled["received"]) == ["granted", "refused"]
    desks.hold(filled["returned"][0])
    assert set(filled) == set(STATES)
    names = set()
    for far, codes in filled.items():
        code = codes[0]
        desk = next(desk for desk in (DESK, OTHER_DESK) if code.startswith(desk))
        clerk = people.client_for("clerk", desk)

        def arrived(clerk: Client = clerk, code: str = code, far: str = far) -> bool:
            return State(clerk.get(f"/intake/api/dossiers/{code}")["state"]) in STATES[far]

        wait_until(arrived, what=f"the dossier {far}")
        names.add(clerk.get(f"/intake/api/dossiers/{code}")["applicant"]["name"])
    assert {"Trần Thị An", "Lê Văn Bình"} < names, "the sample citizens find something when they sign in"
    people.close()
