from __future__ import annotations

from io import BytesIO
from urllib.parse import urlencode
from zipfile import ZipFile

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from services.stats.index import store
from tests.stats.index.index_sample import COMMUNE, DESK, OTHER, PROVINCE
from tests.support.events import event
from tests.support.service import ServiceUnderTest

NOVEMBER = {"month": "2025-11", "agency": COMMUNE}


def page(
    december: ServiceUnderTest, client: FlaskClient, path: str, agency: str = PROVINCE, **arguments: str
) -> TestResponse:
    return client.get(f"/stats/index{path}?{urlencode(arguments)}", headers=december.headers("leader", agency))


def enter(
    december: ServiceUnderTest,
    client: FlaskClient,
    part: str = "1.3",
    role: str = "leader",
    by: str = PROVINCE,
    **typed: str,
) -> TestResponse:
    form = {"value": "90", "source": "Báo cáo 12/BC-UBND"} | typed
    path = f"/stats/index/figures/{part}?{urlencode(NOVEMBER)}"
    return client.post(path, data=form, headers=december.headers(role, by) | {"Origin": "http://localhost"})


def test_a_score_page_says_what_is_possible_and_what_is_missing(
    december: ServiceUnderTest, client: FlaskClient
) -> None:
    text = page(december, client, "", **NOVEMBER).text
    for words in (
        "34,00 trên 60 điểm có thể",
        "chưa xếp loại vì còn thiếu số liệu",
        "Cơ sở dữ liệu quốc gia",
        "18,00</strong> / 20",
    ):
        assert words in text
    assert f'href="/stats/index/parts/2.1?side=unmet&amp;month=2025-11&amp;agency={COMMUNE}"' in text
    assert "side=unmet" in text
    assert "/stats/index/parts/5.4?side=all" in text
    assert "/stats/index/parts/5.4?side=unmet" not in text


def test_a_list_page(december: ServiceUnderTest, client: FlaskClient) -> None:
    text = page(december, client, "/parts/2.1", **NOVEMBER).text
    assert [f"A-{number:02}" in text for number in range(6)] == [True] * 4 + [False] * 2
    complaints = page(december, client, "/parts/5.2", **NOVEMBER).text
    assert "/rating/complaint-handling/PA-2" in complaints
    assert "/rating/complaint-handling/PA-1" not in complaints
    first = page(december, client, "/parts/2.1", month="2025-11", side="all").text
    assert "B-09" in first
    assert "B-34" not in first
    following = page(december, client, "/parts/2.1", month="2025-11", side="all", after=f"B-09 {OTHER}").text
    assert "B-34" in following
    secret = page(december, client, "/parts/5.4", side="unmet", **NOVEMBER).text
    assert "Điều 29.3" in secret
    assert "A-10" in secret  # all of them


def test_a_figure_from_outside_counts_and_is_kept(december: ServiceUnderTest, client: FlaskClient) -> None:
    assert enter(december, client, value="50,5").status_code == 303
    december.hand.pass_(december.context.clock.now() - december.context.clock.now())
    assert enter(december, client, value="90").status_code == 303
    assert enter(december, client, value="90").status_code == 303  # the same again
    rows = december.rows(store.figures)
    assert sorted(row["value"] for row in rows) == [5050, 9000]
    assert {(row["part"], row["agency"], row["period"], row["entered_by"], row["source"]) for row in rows} == {
        ("1.3", COMMUNE, "2025-11", "official-7", "Báo cáo 12/BC-UBND")
    }
    text = page(december, client, "", **NOVEMBER).text
    assert "11,25" in text  # 12.5% × 90% of 50%, of 6 points: 1.35; with 8 × 0.9 = 7.2
    history = page(december, client, "/figures/1.3", **NOVEMBER).text
    assert history.index("90 %") < history.index("50,5 %")
    other = page(december, client, "", month="2025-11", agency=OTHER).text
    assert "Nhập từ ngoài" in text
    assert "Nhập từ ngoài" not in other


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"value": "100,01"}, "value"),
        ({"value": "-1"}, "value"),
        ({"value": "1e2"}, "value"),
        ({"value": "12.345"}, "value"),
        ({"value": ""}, "value"),
        ({"value": "NaN"}, "value"),
        ({"value": "٣"}, "value"),
        ({"source": " "}, "source"),
        ({"source": "x" * 301}, "source"),
        ({"source": "\u200b\u202e"}, "source"),
    ],
)
def test_a_wrong_figure_is_shown_again_with_its_field(
    december: ServiceUnderTest, client: FlaskClient, typed: dict[str, str], field: str
) -> None:
    answer = enter(december, client, **typed)
    assert answer.status_code == 422
    assert f'id="f-{field}-error"' in answer.text
    assert december.rows(store.figures) == []


def test_a_measured_part_is_never_entered(december: ServiceUnderTest, client: FlaskClient) -> None:
    for part in ("2.1", "5.4", "9.9"):
        assert enter(december, client, part).status_code == 422
        assert page(december, client, f"/figures/{part}", **NOVEMBER).status_code == 422
    assert december.rows(store.figures) == []


def test_who_may_enter_a_figure(december: ServiceUnderTest, client: FlaskClient) -> None:
    assert enter(december, client, by=OTHER).status_code == 403
    assert enter(december, client, by=DESK).status_code == 403
    for role in ("clerk", "operator"):
        assert enter(december, client, role=role).status_code == 403
    assert december.rows(store.figures) == []
    assert enter(december, client, by=COMMUNE).status_code == 303
    text = client.get(f"/stats/index/figures/1.3?{urlencode(NOVEMBER)}", headers=december.headers("operator", "")).text
    assert '<form class="panel"' not in text
    assert "Báo cáo 12/BC-UBND" in text


def test_graded_parts_are_entered_as_points(december: ServiceUnderTest, client: FlaskClient) -> None:
    path = "/stats/index/figures/5?month=2024&index=nd61-2018"
    headers = december.headers("leader", PROVINCE) | {"Origin": "http://localhost"}
    assert client.post(path, data={"value": "3", "source": "Biên bản"}, headers=headers).status_code == 422
    assert client.post(path, data={"value": "1,5", "source": "Biên bản"}, headers=headers).status_code == 303
    assert [row["value"] for row in december.rows(store.figures)] == [7500]
    text = client.get("/stats/index?month=2024&index=nd61-2018", headers=december.headers("leader", PROVINCE)).text
    assert "1,50 trên 2 điểm có thể" in text


def test_a_figure_of_a_future_month_is_refused(december: ServiceUnderTest, client: FlaskClient) -> None:
    headers = december.headers("leader", PROVINCE) | {"Origin": "http://localhost"}
    answer = client.post("/stats/index/figures/1.1?month=2026-01", data={"value": "1", "source": "x"}, headers=headers)
    assert answer.status_code == 422


def test_the_ranking_links_only_what_its_reader_may_open(december: ServiceUnderTest, client: FlaskClient) -> None:
    text = page(december, client, "/ranking", COMMUNE, month="2025-11").text
    assert f"agency={COMMUNE}" in text
    assert f"agency={OTHER}" not in text
    assert "Ủy ban nhân dân xã Vĩnh Phước" in text
    assert f"agency={OTHER}" in page(december, client, "/ranking", month="2025-11").text


def test_the_page_of_shortened_procedures(december: ServiceUnderTest, client: FlaskClient) -> None:
    assert "Chưa có thủ tục nào." in page(december, client, "/procedures").text
    shortened = {"law_limit": {"working_days": 10}, "decision": "12/QĐ-UBND", "valid_from": "2025-11-01"}
    case = {"name": "Thông thường", "limit": {"working_days": 7}, "shortened": shortened}
    content = {"name": "Cấp phép", "levels": ["province"], "cases": [case]}
    december.apply(event("procedure.published", procedure="9.1", definition=content))
    text = page(december, client, "/procedures").text
    for words in ("1 trong 1 thủ tục", "Cấp tỉnh: 1", "10 ngày làm việc", "7 ngày làm việc", "12/QĐ-UBND"):
        assert words in text
    assert "Chưa có thủ tục nào." in page(december, client, "/procedures", day="2025-10-31").text


@pytest.mark.parametrize("path", ["", "/ranking", "/procedures"])
def test_each_page_is_a_file_too(december: ServiceUnderTest, client: FlaskClient, path: str) -> None:
    csv = page(december, client, f"{path}/table.csv", month="2025-11")
    xlsx = page(december, client, f"{path}/table.xlsx", month="2025-11")
    assert (csv.status_code, xlsx.status_code) == (200, 200)
    assert csv.data.startswith(b"\xef\xbb\xbf")
    assert "attachment" in csv.headers["Content-Disposition"]
    assert "xl/workbook.xml" in ZipFile(BytesIO(xlsx.data)).namelist()


def test_the_file_has_the_numbers_of_the_page(december: ServiceUnderTest, client: FlaskClient) -> None:
    lines = page(december, client, "/table.csv", **NOVEMBER).data.decode("utf-8-sig").splitlines()
    assert "2.1,Hồ sơ xử lý đúng hạn,36,40,90.0,100.0,18.0,20.0,Hệ thống đo," in lines
    assert any("34.0 / 60.0 / 100.0" in line for line in lines)
    ranked = page(december, client, "/ranking/table.csv", month="2025-11").data.decode("utf-8-sig").splitlines()
    assert ranked[1].startswith(f"1,{COMMUNE},Ủy ban nhân dân xã Phước Long,56.67,34.0,60.0,40,,")


def test_one_language_a_page(december: ServiceUnderTest, client: FlaskClient) -> None:
    client.set_cookie("motcua_language", "en")
    text = page(december, client, "", **NOVEMBER).text
    assert "34.00 of 60 possible" in text
    assert "điểm có thể" not in text
