from __future__ import annotations

import json
import unicodedata
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.catalogue import CaseRequired, Procedure, UnknownCase, load_builtin
from shared.catalogue.text import fold, normalise, slug

BY_CODE = {procedure.code: procedure for procedure in load_builtin()}
LAND = BY_CODE["1.013831"]
TRANSFER_NAME = "Chuyển đổi, chuyển nhượng, thừa kế, tặng cho, góp vốn"

procedures = st.sampled_from(load_builtin())
cases = procedures.flatmap(lambda procedure: st.tuples(st.just(procedure), st.sampled_from(procedure.cases)))


@pytest.mark.parametrize(
    "key",
    [
        "transfer",
        TRANSFER_NAME,
        TRANSFER_NAME.upper(),
        f"  {TRANSFER_NAME.replace(' ', '  ')} ",
        unicodedata.normalize("NFD", TRANSFER_NAME),
    ],
    ids=["code", "name", "upper case", "spaces", "decomposed"],
)
def test_case_by_code_or_name(key: str) -> None:
    assert LAND.case(key).code == "transfer"


@pytest.mark.parametrize("key", ["Chuyen doi", "chuyển nhượng", "default", "TRANSFER"])
def test_unknown_case_lists_options(key: str) -> None:
    with pytest.raises(UnknownCase, match=r"lease \(Cho thuê.*transfer \(Chuyển đổi") as error:
        LAND.case(key)
    assert (error.value.key, error.value.options) == (key, LAND.cases)


@pytest.mark.parametrize("key", [None, "", "  "])
def test_no_case_named(key: str | None) -> None:
    assert BY_CODE["2.000815"].case(key).code == "default"
    with pytest.raises(CaseRequired, match=r"several cases: lease \(.*transfer \(") as error:
        LAND.case(key)
    assert error.value.options == LAND.cases


def test_fee_is_the_sum_of_the_cases_items() -> None:
    assert [item.code for item in LAND.fee_items("transfer")] == ["assessment", "certificate"]
    assert LAND.fee("transfer") == 550_000
    assert [item.code for item in LAND.fee_items("lease")] == ["certificate"]
    assert LAND.fee("lease") == 50_000
    assert BY_CODE["1.000894"].fee("plain") == 0


def test_route_belongs_to_the_case() -> None:
    assert LAND.route("lease").id == "with-tax-4-days"
    assert LAND.route("transfer").id == "with-tax-8-days"
    with pytest.raises(CaseRequired):
        LAND.route()


def test_papers_belong_to_cases() -> None:
    renewal = BY_CODE["1.012783"]
    assert [paper.code for paper in renewal.accepted_papers("no-survey")] == ["application", "certificate"]
    assert [paper.code for paper in renewal.required_papers("survey")] == ["application", "certificate", "survey"]
    assert [paper.code for paper in LAND.required_papers("lease")] == ["application", "certificate", "contract"]


@given(procedures)
def test_round_trip_through_json(procedure: Procedure) -> None:
    again = Procedure.from_dict(json.loads(json.dumps(procedure.as_dict())))
    assert again == procedure
    assert hash(again) == hash(procedure)
    assert again.digest == procedure.digest


def test_digest_ignores_spelling_of_the_same_content() -> None:
    data = LAND.as_dict()
    data["name"] = unicodedata.normalize("NFD", f" {data['name']} ")
    data["routes"] = dict(reversed(data["routes"].items()))
    data["routes"]["with-tax-8-days"]["steps"][0]["working_hours"] = 4.0
    again = Procedure.from_dict(dict(reversed(data.items())))
    assert again.digest == LAND.digest
    assert len(LAND.digest) == 64


def test_digest_differs_with_any_content() -> None:
    cheaper = replace(LAND, fees=(replace(LAND.fees[0], amount=1), *LAND.fees[1:]))
    reordered = replace(LAND, papers=LAND.papers[::-1])
    assert len({LAND.digest, cheaper.digest, reordered.digest}) == 3


@pytest.mark.parametrize(
    ("text", "code"),
    [("Đất đai", "dat_dai"), ("Hộ tịch", "ho_tich"), ("  Thi đua - Khen thưởng ", "thi_dua_khen_thuong")],
)
def test_slug(text: str, code: str) -> None:
    assert slug(text) == code
    assert slug(unicodedata.normalize("NFD", text)) == code


@given(st.text(max_size=50))
def test_normalise_and_fold_are_idempotent(text: str) -> None:
    assert normalise(normalise(text)) == normalise(text)
    assert fold(normalise(text)) == fold(text)
