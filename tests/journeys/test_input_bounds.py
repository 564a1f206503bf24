"""No page and no command of any service answers with much more than a page, or works long, whatever is sent."""

from __future__ import annotations

from typing import Any

import pytest

from services.registry import SERVICE_NAMES
from shared.client.people import own_tokens
from shared.client.tracked_dossier import LAND_TRANSFER
from shared.web.authorization import OPERATION, routes_with_roles
from tests.journeys.actors import DESK
from tests.journeys.in_process_platform import InProcessPlatform
from tests.support.routes import filled

MAX_ANSWER = 64 * 1024
FORMS = (b"a&" * 400_000, b"a=" + b"%22" * 200_000, b"comment=" + b"%22" * 5_000, b"score=" + b"<" * 13_000)
BODIES: tuple[Any, ...] = (
    {"a" * 900_000: 1},
    {str(number): 1 for number in range(100_000)},
    {name: ["x"] * 100_000 for name in ("chosen", "papers", "steps", "tasks", "codes")},
    {"criteria": {str(number): 1 for number in range(50_000)}},
)


@pytest.mark.parametrize("service", SERVICE_NAMES)
def test_answers_are_small_whatever_is_sent(still_platform: InProcessPlatform, service: str) -> None:
    app = still_platform.apps[service]
    token = own_tokens(still_platform.settings)
    for route in routes_with_roles(app):
        if route.method in ("GET", "HEAD"):
            continue
        path = filled(route.path)
        page = not hasattr(app.view_functions[route.endpoint], OPERATION)
        client = app.test_client()
        headers = {"Origin": "http://localhost", "Accept": "text/html" if page else "application/json"}
        if route.access.roles:
            bearer = token(sorted(route.access.roles)[0], DESK)
            headers["Authorization"] = f"Bearer {bearer}"
        for sent in FORMS if page else BODIES:
            options: dict[str, Any] = (
                {"data": sent, "content_type": "application/x-www-form-urlencoded"} if page else {"json": sent}
            )
            answer = client.open(path, method=route.method, headers=headers, **options)
            assert len(answer.data) < MAX_ANSWER, (route.method, path, answer.status_code)
            assert answer.status_code < 500
            if page and len(sent) > 16 * 1024:
                assert answer.status_code in (403, 413) or led_away(answer), (path, answer.status_code)


def led_away(answer: Any) -> bool:
    """A citizen's page that takes files reads nothing of what is sent without a session, or without a dossier that was opened."""
    return bool(
        answer.status_code == 303
        and (answer.location == "/intake/" or answer.location.startswith("/intake/online/sign-in"))
    )


def test_a_filing_with_too_many_choices_names_the_list_alone(still_platform: InProcessPlatform) -> None:
    client = still_platform.apps["intake"].test_client()
    bearer = own_tokens(still_platform.settings)("clerk", DESK)
    sent = {**LAND_TRANSFER, "channel": "counter", "receiving_agency": DESK, "chosen": ["x"] * 200_000}
    answer: Any = client.post("/intake/api/dossiers", json=sent, headers={"Authorization": f"Bearer {bearer}"})
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json["errors"]] == ["chosen"]
