"""The people and agencies of the journeys, and helpers for what they do."""

from __future__ import annotations

import http.client
import json
from collections.abc import Mapping
from datetime import date
from typing import Any
from urllib.parse import urlsplit

import pytest

from shared.client.http import ApiError, wait_for
from shared.client.people import People
from shared.client.tracked_dossier import LAND_TRANSFER

DESK = "H12.31.01"  # Trung tâm Phục vụ hành chính công xã Phước Long
LAND_REGISTRY = "H12.14.02"
TAX_OFFICE = "G12.12.01"
OTHER_DESK = "H12.32.01"
TIMEOUT = 30.0

APPLICANT = LAND_TRANSFER["applicant"]
COPY: dict[str, Any] = {
    "procedure": "2.000815",
    "applicant": {"name": "Trần Quốc Việt", "id_number": "095090004321", "phone": "0987 654 321"},
    "papers": ["original"],
}
"""The certification of a copy: one step, done at the desk itself."""


def refused(status: int, call: Any, *arguments: Any, **named: Any) -> dict[str, Any]:
    """Makes a call that must be answered with a problem of this status; returns the problem."""
    with pytest.raises(ApiError) as caught:
        call(*arguments, **named)
    if caught.value.status != status:
        raise AssertionError(f"{caught.value} instead of {status}") from caught.value
    return caught.value.problem


def raw(
    address: str, method: str, path: str, body: Any = None, headers: Mapping[str, str] | None = None
) -> tuple[int, Mapping[str, str], bytes]:
    """Sends one HTTP request without retries; returns status, headers and body."""
    parts = urlsplit(address)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=30)
    try:
        sent = None if body is None else json.dumps(body).encode()
        kind = {} if body is None else {"Content-Type": "application/json"}
        connection.request(method, path, sent, {**kind, **(headers or {})})
        answer = connection.getresponse()
        return answer.status, dict(answer.getheaders()), answer.read()
    finally:
        connection.close()


def routing_view_of(people: People, code: str, desk: str = DESK) -> Any:
    """A dossier as routing shows it; None while routing does not know it."""
    try:
        return people.routing_view(desk, code)
    except ApiError as error:
        if error.status == 404:
            return None
        raise


def step_at(people: People, code: str, step: str, state: str = "open", desk: str = DESK) -> dict[str, Any]:
    """Waits until a dossier is at a step; returns the step."""

    def standing() -> Any:
        view = routing_view_of(people, code, desk)
        return view and next((one for one in view["steps"] if (one["step"], one["state"]) == (step, state)), None)

    found: dict[str, Any] = wait_for(standing, TIMEOUT, f"{code} at the step {step}, {state}")
    return found


def look_up(people: People, receipt: Mapping[str, Any]) -> dict[str, Any]:
    """The public look-up with the code and secret of a receipt."""
    found: dict[str, Any] = people.public().get("/intake/api/lookup", code=receipt["code"], secret=receipt["secret"])
    return found


def shown(people: People, receipt: Mapping[str, Any], label: str) -> dict[str, Any]:
    """Waits until the public look-up shows a state."""

    def there() -> Any:
        seen = look_up(people, receipt)
        return seen if seen["state_label"] == label else None

    found: dict[str, Any] = wait_for(there, TIMEOUT, f"{receipt['code']} shown as {label}")
    return found


def sms(people: People, code: str, kind: str) -> dict[str, Any]:
    """Waits for the SMS of a kind; there must be exactly one."""

    def there() -> Any:
        assert people.sms_inbox is not None
        return [message for message in people.sms_inbox.messages(code) if message["kind"] == kind]

    found = wait_for(there, TIMEOUT, f"the SMS {kind} of {code}")
    assert len(found) == 1
    only: dict[str, Any] = found[0]
    return only


def counts(people: People, **expected: int) -> dict[str, Any]:
    """Waits until the statistics of this month show these numbers; returns the whole summary."""
    return _counts(people, DESK, {}, expected)


def counts_of_desk(people: People, desk: str, **expected: int) -> dict[str, Any]:
    """The same for the leader of another desk."""
    return _counts(people, desk, {}, expected)


def counts_of_day(people: People, day: date, **expected: int) -> dict[str, Any]:
    """Waits until the statistics of one day show these numbers; returns the whole summary."""
    return _counts(people, DESK, {"from": day.isoformat(), "to": day.isoformat()}, expected)


def _counts(people: People, desk: str, period: dict[str, str], expected: dict[str, int]) -> dict[str, Any]:
    leader = people.client_for("leader", desk)
    summary: dict[str, Any] = {}

    def there() -> bool:
        summary.update(leader.get("/stats/api/summary", **period))
        return all(summary[name] == number for name, number in expected.items())

    try:
        wait_for(there, TIMEOUT, "the numbers")
    except TimeoutError:
        seen = {name: summary[name] for name in expected}
        raise AssertionError(f"the statistics show {seen} instead of {expected}") from None
    return summary


def listed(people: People, measure: str) -> list[str]:
    """The dossiers behind a number of the statistics."""
    codes: list[str] = people.client_for("leader", DESK).get("/stats/api/dossiers", measure=measure)["codes"]
    return codes


def certify(people: People, code: str, desk: str = DESK, citizen_notified: bool = False) -> None:
    """Does the only step of a certified copy, and hands it over; `citizen_notified`: the clerk tells the citizen, since no message can."""
    people.complete(step_at(people, code, "certify", desk=desk), "completed")
    hand_back(people, code, desk, citizen_notified)


def hand_back(people: People, code: str, desk: str = DESK, citizen_notified: bool = False) -> dict[str, Any]:
    """Hands a result over as soon as intake knows of it, and that the citizen was told; `citizen_notified`: the clerk tells him."""

    def tried() -> Any:
        try:
            return people.hand_back(desk, code, f"return-{code}", citizen_notified)
        except ApiError as error:
            if error.status == 409:
                return None
            raise

    answer: dict[str, Any] = wait_for(tried, TIMEOUT, f"handing over {code}")
    return answer
