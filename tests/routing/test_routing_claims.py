"""Claims within an agency: claim, release, reassignment, deputies, leaders on duty, remarks."""

from __future__ import annotations

from typing import Any

import pytest

from tests.routing.route_builders import begin, step
from tests.routing.service_fixture import CODE, DESK, REGISTRY, TAX, Client, RoutingFixture, complete

TODAY = "2025-11-20"


class Office:
    """The land registry with a step to do, over the API."""

    def __init__(self, land: RoutingFixture) -> None:
        self.land, self.client = land, land.client()
        land.complete("transfer")
        self.task = land.step("assessment").id
        self.leader = land.token("leader", REGISTRY, "leader-1")

    def official(self, subject: str, role: str = "officer") -> dict[str, str]:
        """The headers of an official of the registry."""
        return self.land.token(role, REGISTRY, subject)

    def enter(self, *subjects: str, role: str = "officer") -> None:
        """The leader enters officials."""
        for subject in subjects:
            answer = self.client.put(f"/routing/api/officials/{subject}", json={"role": role}, headers=self.leader)
            assert answer.status_code == 200

    def act(self, what: str, headers: dict[str, str], **body: str) -> Any:
        """Does something with the step."""
        return self.client.post(f"/routing/api/tasks/{self.task}/{what}", json=body or None, headers=headers)

    def away(self, official: str, deputy: str = "") -> Any:
        """Enters an absence for today."""
        body = {"official": official, "first_day": TODAY, "last_day": TODAY, "deputy": deputy}
        return self.client.post("/routing/api/absences", json=body, headers=self.leader)

    def queue(self, name: str, headers: dict[str, str]) -> list[str]:
        """The steps in a queue."""
        answer = self.client.get(f"/routing/api/queues/{name}", headers=headers).json
        return [item["step"] for item in answer["items"]]


@pytest.fixture
def office(land: RoutingFixture) -> Office:
    return Office(land)


def test_a_claimed_step_is_not_done_by_a_colleague(office: Office) -> None:
    first, second = office.official("officer-1"), office.official("officer-2")
    assert office.act("claim", first).json["official"] == "officer-1"
    assert office.act("claim", first).status_code == 200
    answer = office.act("claim", second)
    assert (answer.status_code, answer.json["official"]) == (409, "officer-1")
    assert complete(office.client, office.task, second, "no_tax").status_code == 409
    assert office.act("release", second).status_code == 409
    assert (office.queue("mine", first), office.queue("mine", second)) == (["assessment"], [])
    assert office.act("release", first).json["official"] is None
    assert complete(office.client, office.task, second, "no_tax").status_code == 200


def test_a_claim_acknowledges_the_hand_over(office: Office) -> None:
    answer = office.act("claim", office.official("officer-1"))
    assert answer.json["accepted_by"] == "officer-1"
    assert office.land.entries()[-1].kind == "received"


def test_a_clerk_cannot_claim_an_officers_step_nor_a_stranger_any(office: Office) -> None:
    assert office.act("claim", office.official("clerk-1", "clerk")).json["code"] == "claim_by_lower_rank"
    assert office.act("claim", office.land.token("officer", TAX)).status_code == 403


def test_a_leader_reassigns_a_step(office: Office) -> None:
    first, second = office.official("officer-1"), office.official("officer-2")
    office.act("claim", first)
    office.enter("officer-2")
    body = {"official": "officer-2", "reason": "Cân đối việc"}
    assert office.act("assign", first, **body).status_code == 403
    answer = office.act("assign", office.leader, **body)
    assert answer.json["official"] == "officer-2"
    assert [note["text"] for note in answer.json["notes"]] == ["Phân công cho officer-2: Cân đối việc"]
    assert (office.queue("mine", first), office.queue("mine", second)) == ([], ["assessment"])
    assert office.act("release", office.leader).json["official"] is None


@pytest.mark.parametrize(
    ("subject", "role", "away", "code"),
    [
        ("nobody", "", False, "official_unknown"),
        ("clerk-1", "clerk", False, "reassignment_to_lower_rank"),
        ("officer-1", "officer", True, "reassignment_to_absent"),
    ],
)
def test_reassignments_that_are_refused(office: Office, subject: str, role: str, away: bool, code: str) -> None:
    if role:
        office.enter(subject, role=role)
    if away:
        assert office.away(subject).status_code == 201
    assert office.act("assign", office.leader, official=subject, reason="Lý do").json["code"] == code


def test_a_deputy_does_the_work_of_the_absent(office: Office) -> None:
    office.enter("officer-1", "officer-2", "officer-3")
    office.act("claim", office.official("officer-1"))
    assert office.away("officer-1", deputy="officer-2").status_code == 201
    deputy, other = office.official("officer-2"), office.official("officer-3")
    assert (office.queue("mine", deputy), office.queue("mine", other)) == (["assessment"], [])
    assert complete(office.client, office.task, other, "no_tax").status_code == 409
    assert complete(office.client, office.task, deputy, "no_tax").status_code == 200


def test_without_a_deputy_anybody_of_the_agency_may_do_the_step(office: Office) -> None:
    office.enter("officer-1", "officer-3")
    office.act("claim", office.official("officer-1"))
    office.away("officer-1")
    assert office.act("claim", office.official("officer-3")).json["official"] == "officer-3"


def test_the_leave_calendar_is_kept_by_the_leader(office: Office) -> None:
    office.enter("officer-1", "officer-2")
    made = office.away("officer-1", deputy="officer-2")
    assert office.away("officer-1").json["code"] == "absence_overlaps"
    assert office.away("nobody").json["code"] == "absence_of_unknown_official"
    listed = office.client.get("/routing/api/absences", headers=office.official("officer-2")).json["items"]
    assert [entry["official"] for entry in listed] == ["officer-1"]
    path = f"/routing/api/absences/{made.json['id']}"
    stranger = office.land.token("leader", DESK)
    assert office.client.delete(path, headers=stranger).status_code == 404
    assert office.client.delete(path, headers=office.leader).status_code == 200
    assert office.away("officer-1").status_code == 201


def test_each_agency_enters_and_drops_its_own_officials(office: Office) -> None:
    """Another agency's entry does not block the official's own one, and is not changed by it."""
    path = "/routing/api/officials/officer-1"
    stranger = office.land.token("leader", DESK, "leader-9")
    assert office.client.put(path, json={"role": "leader"}, headers=stranger).status_code == 200
    office.enter("officer-1")
    own = {"items": [{"subject": "officer-1", "agency": REGISTRY, "role": "officer"}]}
    assert office.client.get("/routing/api/officials", headers=office.leader).json == own
    assert office.client.delete(path, headers=stranger).status_code == 200
    assert office.client.delete(path, headers=stranger).status_code == 404
    assert office.client.get("/routing/api/officials", headers=office.leader).json == own
    assert office.client.delete(path, headers=office.leader).status_code == 200
    assert office.client.get("/routing/api/officials", headers=office.leader).json == {"items": []}


COMMITTEE, PROVINCE = "H12.31", "H12"


@pytest.mark.parametrize(
    ("leader_of", "named", "status"),
    [
        (COMMITTEE, "", 200),
        (COMMITTEE, COMMITTEE, 200),
        (COMMITTEE, DESK, 200),
        (DESK, COMMITTEE, 403),
        (COMMITTEE, REGISTRY, 403),
        (REGISTRY, COMMITTEE, 403),
        (COMMITTEE, "H12.99", 403),
        ("H12.99", "", 403),
        ("H12.99", "H12.99", 403),
        ("H12.99", DESK, 403),
        ("", "", 403),
        ("", DESK, 403),
        (PROVINCE, COMMITTEE, 200),
    ],
)
def test_officials_are_entered_by_leaders_of_their_agency_or_of_one_above(
    sqlite_service: RoutingFixture, leader_of: str, named: str, status: int
) -> None:
    client, leader = sqlite_service.client(), sqlite_service.token("leader", leader_of)
    body = {"role": "officer"} | ({"agency": named} if named else {})
    assert client.put("/routing/api/officials/off-2", json=body, headers=leader).status_code == status
    listed = client.get(f"/routing/api/officials?agency={named}", headers=leader)
    assert listed.status_code == status
    if status == 200:
        assert [entry["agency"] for entry in listed.json["items"]] == [named or leader_of]


@pytest.mark.parametrize("agency", ["H12.99", ""])
def test_leaders_of_unknown_agencies_change_nothing(sqlite_service: RoutingFixture, agency: str) -> None:
    client, leader = sqlite_service.client(), sqlite_service.token("leader", agency)
    day = {"first_day": TODAY, "last_day": TODAY}
    for answer in (
        client.delete("/routing/api/officials/off-2", headers=leader),
        client.post("/routing/api/absences", json={"official": "off-2", **day}, headers=leader),
        client.delete("/routing/api/absences/1", headers=leader),
        client.put(f"/routing/api/duties/{DESK}/{TODAY}", json={"official": "off-2"}, headers=leader),
        client.delete(f"/routing/api/duties/{DESK}/{TODAY}", headers=leader),
        client.put("/routing/api/mandates/off-2", json=day, headers=leader),
        client.get("/routing/api/absences", headers=leader),
        client.get("/routing/people", headers=leader),
        client.post(
            "/routing/people", data={"action": "official", "subject": "off-2", "role": "officer"}, headers=leader
        ),
    ):
        assert answer.status_code == 403, answer.request


def test_only_known_officials_and_centres_are_named(sqlite_service: RoutingFixture) -> None:
    client, leader = sqlite_service.client(), sqlite_service.token("leader", COMMITTEE)
    day = {"first_day": TODAY, "last_day": TODAY}
    assert client.put("/routing/api/mandates/nobody", json=day, headers=leader).json["code"] == "official_unknown"
    for centre in ("H12.99", REGISTRY, "x" * 60):
        assert duty(client, sqlite_service, COMMITTEE, "officer-1", "officer", centre).json["code"] == "centre_unknown"
    elsewhere = sqlite_service.token("leader", REGISTRY)
    client.put("/routing/api/officials/officer-9", json={"role": "officer"}, headers=elsewhere)
    named = client.put(f"/routing/api/duties/{DESK}/{TODAY}", json={"official": "officer-9"}, headers=leader)
    assert named.json["code"] == "official_unknown"
    long = client.put(f"/routing/api/officials/{'x' * 201}", json={"role": "officer"}, headers=leader)
    assert (long.status_code, long.json["errors"][0]["field"]) == (422, "subject")


def test_the_deputy_of_a_claimed_step_is_of_the_agency_that_does_it(office: Office) -> None:
    """The same person may be an official of two agencies; the absence entered by the one that does the step counts."""
    office.enter("officer-1", "officer-2")
    stranger = office.land.token("leader", DESK, "leader-9")
    for subject in ("officer-1", "officer-2"):
        office.client.put(f"/routing/api/officials/{subject}", json={"role": "officer"}, headers=stranger)
    office.act("claim", office.official("officer-1"))
    assert office.act("claim", office.official("officer-2")).status_code == 409
    assert office.away("officer-1", deputy="officer-2").status_code == 201
    assert office.act("claim", office.official("officer-2")).json["official"] == "officer-2"


def test_remarks_are_for_the_sender_and_the_receiver(office: Office) -> None:
    clerk = office.land.token("clerk", DESK, "clerk-1")
    answer = office.act("notes", clerk, text="Đã gọi điện nhắc")
    assert (answer.status_code, [(note["by"], note["text"]) for note in answer.json["notes"]]) == (
        201,
        [("clerk-1", "Đã gọi điện nhắc")],
    )
    assert office.act("notes", office.land.token("officer", TAX), text="x").status_code == 403
    complete(office.client, office.task, office.official("officer-1"), "no_tax")
    assert len(office.act("notes", clerk, text="Xong").json["notes"]) == 2, "open or done"


def to_sign(service: RoutingFixture) -> tuple[Client, str]:
    """A step for the leader of the people's committee."""
    begin(
        service,
        [
            step("entry", "one_stop_desk", "signing"),
            step("signing", "peoples_committee", "end", official_role="leader"),
        ],
    )
    service.complete("entry")
    return service.client(), service.step("signing").id


def duty(client: Client, service: RoutingFixture, agency: str, subject: str, role: str, centre: str = DESK) -> Any:
    leader = service.token("leader", agency, "leader-0")
    client.put(f"/routing/api/officials/{subject}", json={"role": role}, headers=leader)
    return client.put(f"/routing/api/duties/{centre}/{TODAY}", json={"official": subject}, headers=leader)


def test_an_officer_on_duty_signs_at_the_centre(service: RoutingFixture) -> None:
    client, task = to_sign(service)
    officer = service.token("officer", COMMITTEE, "officer-1")
    assert complete(client, task, officer).status_code == 403
    assert client.get("/routing/api/queues/to_sign", headers=officer).json["items"] == []
    assert duty(client, service, COMMITTEE, "officer-1", "officer").status_code == 200
    assert len(client.get("/routing/api/queues/to_sign", headers=officer).json["items"]) == 1
    assert complete(client, task, officer).status_code == 200


def test_an_official_on_duty_signs_for_an_agency_that_gave_a_mandate(service: RoutingFixture) -> None:
    client, task = to_sign(service)
    other = service.token("leader", REGISTRY, "leader-7")
    duty(client, service, REGISTRY, "leader-7", "leader")
    assert complete(client, task, other).status_code == 403
    assert client.get(f"/routing/api/dossiers/{CODE}", headers=other).status_code == 403
    mandate = {"first_day": TODAY, "last_day": TODAY}
    answer = client.put(
        "/routing/api/mandates/leader-7", json=mandate, headers=service.token("leader", COMMITTEE, "leader-0")
    )
    assert answer.status_code == 200
    assert len(client.get("/routing/api/queues/to_sign", headers=other).json["items"]) == 1
    assert client.get(f"/routing/api/tasks/{task}", headers=other).status_code == 200
    assert client.get(f"/routing/api/dossiers/{CODE}", headers=other).status_code == 200
    service.advance(24 * 3600)
    assert complete(client, task, other).status_code == 403, "the duty was yesterday's"
    service.advance(-24 * 3600)
    assert complete(client, task, other).status_code == 200


def test_nobody_is_on_duty_at_two_centres_at_once(service: RoutingFixture) -> None:
    client = service.client()
    assert duty(client, service, COMMITTEE, "officer-1", "officer").status_code == 200
    assert duty(client, service, COMMITTEE, "officer-1", "officer").status_code == 200
    assert (
        duty(client, service, COMMITTEE, "officer-1", "officer", centre="H12.20").json["code"] == "duty_at_two_centres"
    )
    assert duty(client, service, COMMITTEE, "clerk-1", "clerk").json["code"] == "duty_of_lower_rank"
    clerk, leader = service.token("clerk", DESK), service.token("leader", COMMITTEE)
    listed = client.get(f"/routing/api/duties?centre={DESK}", headers=clerk).json
    assert [(entry["agency"], entry["official"]) for entry in listed["items"]] == [(COMMITTEE, "officer-1")]
    path = f"/routing/api/duties/{DESK}/{TODAY}"
    assert client.delete(path, headers=service.token("leader", REGISTRY)).status_code == 404
    assert client.delete(path, headers=leader).status_code == 200
    assert duty(client, service, COMMITTEE, "officer-1", "officer", centre="H12.20").status_code == 200


def test_a_mandate_must_end_after_it_begins_and_days_must_be_dates(sqlite_service: RoutingFixture) -> None:
    client, leader = sqlite_service.client(), sqlite_service.token("leader", COMMITTEE)
    body = {"first_day": "2025-11-21", "last_day": TODAY}
    answer = client.put("/routing/api/mandates/leader-7", json=body, headers=leader)
    assert (answer.status_code, answer.json["code"]) == (409, "mandate_ends_before_it_begins")
    duty_of = {"official": "officer-1"}
    assert client.put(f"/routing/api/duties/{DESK}/tomorrow", json=duty_of, headers=leader).status_code == 404
    assert (
        client.put(f"/routing/api/duties/{DESK}/{TODAY}", json=duty_of, headers=leader).json["code"]
        == "official_unknown"
    )
