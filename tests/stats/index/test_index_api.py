from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import pytest
from flask.testing import FlaskClient

from services.stats.index import store
from services.stats.index.domain import Count
from services.stats.index.periods import parse_period
from services.stats.index.queries import read_period
from tests.stats.index.index_sample import COMMUNE, DEPARTMENT, DESK, OTHER, PROVINCE
from tests.support.service import ServiceUnderTest, body

INDEX, CASES, RANKING = "/stats/api/index", "/stats/api/index/cases", "/stats/api/index/ranking"


class Reader:
    """Who asks the API.

    Args:
        december: the service.
        client: of its app.
        role, agency: of the token.
    """

    def __init__(
        self, december: ServiceUnderTest, client: FlaskClient, role: str = "leader", agency: str = PROVINCE
    ) -> None:
        self.headers = december.headers(role, agency)
        self.client = client

    def get(self, path: str, status: int = 200, **arguments: Any) -> Any:
        answer = self.client.get(f"{path}?{urlencode(arguments)}", headers=self.headers)
        assert answer.status_code == status, answer.text
        return body(answer)


def part(answer: Any, id_: str) -> Any:
    (found,) = (one for group in answer["groups"] for one in group["parts"] if one["id"] == id_)
    return found


def test_the_score_of_a_commune(december: ServiceUnderTest, client: FlaskClient) -> None:
    answer = Reader(december, client).get(INDEX, month="2025-11", agency=COMMUNE)
    about = ("as_of", "period", "index", "agency", "points", "possible", "total", "complete", "band")
    assert {name: answer[name] for name in about} == {
        "as_of": "2025-12-13T08:00:00+07:00",
        "period": "2025-11",
        "index": "qd766-2022",
        "agency": COMMUNE,
        "points": 34.0,
        "possible": 60.0,
        "total": 100.0,
        "complete": False,
        "band": None,
    }
    one = part(answer, "2.1")
    assert (one["numerator"], one["denominator"], one["percent"], one["points"]) == (36, 40, 90.0, 18.0)
    assert one["lists"] == ["met", "unmet", "all"]
    paid, content = part(answer, "3.6"), part(answer, "5.4")
    assert (paid["numerator"], paid["denominator"], paid["state"]) == (5, 80, "measured")
    assert (content["numerator"], content["denominator"], content["lists"]) == (34, 40, ["all"])
    missing, lacking = part(answer, "1.1"), part(answer, "3.3")
    assert (missing["state"], missing["points"], missing["numerator"]) == ("missing", None, None)
    assert "Cơ sở dữ liệu quốc gia" in missing["missing"]
    assert (lacking["state"], lacking["lacks"], lacking["percent"], lacking["points"]) == ("missing", "1.3", 12.5, None)
    assert part(answer, "2.1")["certainty"] == {"points": "secondary", "scale": "memory"}


def test_each_number_opens_its_list(december: ServiceUnderTest, client: FlaskClient) -> None:
    reader = Reader(december, client)
    answer = reader.get(INDEX, month="2025-11")
    for group in answer["groups"]:
        for one in group["parts"]:
            for side in one["lists"]:
                numbers = {"met": one["numerator"], "all": one["denominator"]}
                numbers["unmet"] = (one["denominator"] or 0) - (one["numerator"] or 0)
                listed: list[Any] = []
                after: Any = ""
                while after is not None:
                    page = reader.get(CASES, month="2025-11", part=one["id"], side=side, limit=45, after=after)
                    assert page["as_of"] == answer["as_of"]
                    listed += page["cases"]
                    after = page["next"]
                assert len(listed) == numbers[side], (one["id"], side)
                assert len({(case["code"], case["agency"]) for case in listed}) == len(listed)


def test_the_late_dossiers_are_listed_by_default(december: ServiceUnderTest, client: FlaskClient) -> None:
    answer = Reader(december, client, agency=COMMUNE).get(CASES, month="2025-11", part="2.1")
    assert answer["side"] == "unmet"
    assert answer["cases"] == [{"code": f"A-0{number}", "agency": COMMUNE} for number in range(4)]


@pytest.mark.parametrize(("id_", "side"), [("5.4", "unmet"), ("5.4", "met"), ("1.1", "all"), ("9", "all")])
def test_what_is_not_listed(december: ServiceUnderTest, client: FlaskClient, id_: str, side: str) -> None:
    problem = Reader(december, client).get(CASES, 422, month="2025-11", part=id_, side=side)
    assert problem["errors"][0]["field"] == "part"


def test_the_agencies_of_a_unit_add_up(december: ServiceUnderTest, client: FlaskClient) -> None:
    reader = Reader(december, client)
    counted = {
        code: part(reader.get(INDEX, month="2025-11", agency=code), "2.1")
        for code in (COMMUNE, OTHER, DEPARTMENT, PROVINCE)
    }
    assert {code: (one["numerator"], one["denominator"]) for code, one in counted.items()} == {
        COMMUNE: (36, 40),
        OTHER: (25, 35),
        DEPARTMENT: (5, 5),
        PROVINCE: (66, 80),
    }
    desk = reader.get(INDEX, month="2025-11", agency=DESK)
    assert (part(desk, "2.1")["state"], part(desk, "3.6")["denominator"]) == ("empty", 80)


def test_an_operator_sees_the_province(december: ServiceUnderTest, client: FlaskClient) -> None:
    answer = Reader(december, client, "operator", "").get(INDEX, month="2025-11")
    assert (answer["agency"], part(answer, "2.1")["denominator"]) == (PROVINCE, 80)


def test_a_leader_sees_their_agency_and_those_below(december: ServiceUnderTest, client: FlaskClient) -> None:
    reader = Reader(december, client, agency=COMMUNE)
    assert reader.get(INDEX, month="2025-11")["agency"] == COMMUNE
    reader.get(INDEX, month="2025-11", agency=DESK)
    for path, other in ((INDEX, {}), (CASES, {"part": "2.1"})):
        for agency in (OTHER, PROVINCE, "unknown"):
            reader.get(path, 403, month="2025-11", agency=agency, **other)
    Reader(december, client, agency="").get(INDEX, 403, month="2025-11")
    assert len(reader.get(RANKING, month="2025-11")["places"]) == 2


def test_wrong_questions_name_the_field(december: ServiceUnderTest, client: FlaskClient) -> None:
    reader = Reader(december, client, "operator", "")
    wrong = {
        "month": [{"month": "2025-13"}, {"month": "2026-01"}, {"month": "x"}],
        "agency": [{"agency": "unknown"}],
        "index": [{"index": "other"}, {"month": "2017-01"}, {"index": "nd61-2018"}],
    }
    for field, questions in wrong.items():
        for question in questions:
            problem = reader.get(INDEX, 422, **{"month": "2025-11"} | question)
            assert problem["errors"][0]["field"] == field, question
    for question in ({"group": "x"}, {"month": "2025-Q9"}):
        reader.get(RANKING, 422, **question)


def test_quarters_and_years_and_the_nine_indices(december: ServiceUnderTest, client: FlaskClient) -> None:
    reader = Reader(december, client)
    for key in ("2025-Q4", "2025"):
        answer = reader.get(INDEX, month=key, agency=COMMUNE)
        assert (answer["period"], part(answer, "2.1")["denominator"]) == (key, 40)
    nine = reader.get(INDEX, month="2024", index="nd61-2018")
    assert (nine["index"], nine["total"], [one["state"] for one in nine["groups"][0]["parts"]]) == (
        "nd61-2018",
        18.0,
        ["empty", "empty", "missing", "empty", "missing", "empty", "missing", "empty", "empty"],
    )
    assert reader.get(INDEX, month="2024")["index"] == "qd766-2022"
    assert reader.get(INDEX, month="2021-06")["index"] == "nd61-2018"


def test_the_ranking_of_communes_and_its_change(december: ServiceUnderTest, client: FlaskClient) -> None:
    reader = Reader(december, client)
    answer = reader.get(RANKING, month="2025-11")
    assert [(one["place"], one["agency"], one["share"], one["places_gained"]) for one in answer["places"]] == [
        (1, COMMUNE, 56.67, None),
        (2, OTHER, 56.02, None),
    ]
    assert (answer["smallest_sample"], len(answer["too_few"])) == (30, 4)
    departments = reader.get(RANKING, month="2025-11", group="departments")
    assert departments["places"] == []
    assert {"agency": DEPARTMENT, "dossiers": 5} in departments["too_few"]


def test_the_places_of_the_period_before_are_kept(december: ServiceUnderTest, client: FlaskClient) -> None:
    counts = {COMMUNE: {"2.1": Count(20, 40)}, OTHER: {"2.1": Count(40, 40)}}

    def keep(work: Any) -> bool:
        return store.keep_counts(work, "2025-10", "qd766-2022", store.Counted(work.now, 0), counts)

    assert december.store.run(keep)
    answer = Reader(december, client).get(RANKING, month="2025-11")
    assert [(one["agency"], one["places_gained"], one["points_gained"]) for one in answer["places"]] == [
        (COMMUNE, 1, 6.67),
        (OTHER, -1, -43.98),
    ]


def test_the_numbers_of_the_page_are_those_of_the_store(december: ServiceUnderTest, client: FlaskClient) -> None:
    with december.store.read() as connection:
        found = read_period(connection, parse_period("2025-11"), december.context.clock.now())
    answer = Reader(december, client).get(INDEX, month="2025-11")
    everybody = [one["2.1"] for one in found.counts.values() if "2.1" in one]
    assert part(answer, "2.1")["denominator"] == sum(one.denominator for one in everybody) == 80
