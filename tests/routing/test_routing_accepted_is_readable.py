"""What routing's API accepts from a leader, its own schemas of the answers allow afterwards."""

from __future__ import annotations

from urllib.parse import quote

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from services.routing.domain.step_permissions import RANKS
from tests.routing.service_fixture import REGISTRY, RoutingFixture

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(subject=TEXTS, times=st.sampled_from([1, 20, 201]), role=st.sampled_from([*RANKS, "", "x" * 300]))
@example(subject="x", times=3000, role="officer")
@example(subject="x", times=200, role="officer")
def test_officials(
    sqlite_service: RoutingFixture, answers_as_documented: list[str], subject: str, times: int, role: str
) -> None:
    client = sqlite_service.client()
    leader = sqlite_service.token("leader", REGISTRY)
    path = f"/routing/api/officials/{quote(subject * times, safe='')}"
    entered = client.put(path, json={"role": role}, headers=leader)
    assert entered.status_code < 500
    assert client.get("/routing/api/officials", headers=leader).status_code == 200
    assert answers_as_documented == []
    if entered.status_code == 200:
        assert len(entered.get_json()["subject"]) <= 200
