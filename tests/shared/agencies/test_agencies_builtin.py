"""The sample provinces: three levels until 30 June 2025, two from 1 July 2025, and the successors of each agency."""

from __future__ import annotations

from datetime import date

import pytest

from shared.agencies import LEVELS, ROLES, Agencies, RoleNotFound, UnknownAgency
from shared.agencies.roles import DEPARTMENTS

AGENCIES = Agencies.load()
OLD, NEW = date(2017, 3, 1), date(2025, 8, 1)
LAST_DAY, FIRST_DAY = date(2025, 6, 30), date(2025, 7, 1)
DATES = [date(2015, 5, 15), OLD, date(2025, 2, 28), date(2025, 3, 1), LAST_DAY, FIRST_DAY, date(2026, 11, 24)]

OLD_COMMUNE, OLD_DISTRICT, NEW_COMMUNE = "000.21.34.H04", "000.00.34.H04", "H12.31.01"


@pytest.mark.parametrize("on", DATES)
def test_every_role_is_played_near_every_commune_desk_on_every_date(on: date) -> None:
    desks = [agency for agency in AGENCIES.all(on) if agency.level == "commune" and "one_stop_desk" in agency.roles]
    assert len(desks) >= 6
    for desk in desks:
        for role in ROLES.keys() - {department.name for department in DEPARTMENTS}:
            found = AGENCIES.resolve(role, near=desk.code, on=on)
            assert role in found.roles
            assert found.valid_on(on)


@pytest.mark.parametrize("on", DATES)
def test_every_commune_has_one_desk_and_a_committee_for_civil_status(on: date) -> None:
    for unit in AGENCIES.units(on):
        if unit.level == "commune":
            here = [agency for agency in AGENCIES.all(on) if agency.unit == unit.code]
            assert sum("one_stop_desk" in agency.roles for agency in here) == 1
            assert any({"peoples_committee", "civil_status"} <= set(agency.roles) for agency in here)


def test_districts_ended_with_june_2025() -> None:
    assert {agency.level for agency in AGENCIES.all(LAST_DAY)} == {"central", "province", "district", "commune"}
    assert {agency.level for agency in AGENCIES.all(FIRST_DAY)} == {"central", "province", "commune"}
    assert {unit.level for unit in AGENCIES.units()} <= set(LEVELS)


RESOLVED = [
    ("own unit", "civil_status", OLD_COMMUNE, OLD, "001.21.34.H04"),
    ("up to the district", "land_registry", OLD_COMMUNE, OLD, "001.34.13.H04"),
    ("the district's own desk", "one_stop_desk", "002.00.34.H04", OLD, OLD_DISTRICT),
    ("up to the province", "justice", NEW_COMMUNE, NEW, "H12.11"),
    ("a branch that serves the commune", "land_registry", NEW_COMMUNE, NEW, "H12.14.02"),
    ("the branch that serves another commune", "land_registry", "H12.35.01", NEW, "H12.14.03"),
    ("the provincial desk is near the whole province's office", "land_registry", "H12.20", NEW, "H12.14.01"),
    ("who plays the role is the nearest", "land_registry", "H12.14.03", NEW, "H12.14.03"),
    ("the police of the district until February 2025", "police", "002.00.34.H04", date(2025, 2, 28), "000.34.04.G01"),
    ("and of the province from March", "police", "002.00.34.H04", date(2025, 3, 1), "000.00.04.G01"),
    ("near a desk that has ended", "tax", OLD_DISTRICT, NEW, "G12.12.01"),
]


@pytest.mark.parametrize(("role", "near", "on", "code"), [r[1:] for r in RESOLVED], ids=[r[0] for r in RESOLVED])
def test_resolve(role: str, near: str, on: date, code: str) -> None:
    assert AGENCIES.resolve(role, near=near, on=on).code == code


def test_resolve_at_a_level() -> None:
    assert AGENCIES.resolve("business_registration", near=NEW_COMMUNE, on=NEW).code == "H12.31.02"
    assert AGENCIES.resolve("business_registration", near=NEW_COMMUNE, on=NEW, level="province").code == "H12.12"


def test_an_unfilled_role_is_named_with_place_and_date() -> None:
    with pytest.raises(RoleNotFound, match=r"no tax of level commune near H12\.31\.01 on 2025-08-01"):
        AGENCIES.resolve("tax", near=NEW_COMMUNE, on=NEW, level="commune")
    with pytest.raises(RoleNotFound, match="'postman' is no role"):
        AGENCIES.resolve("postman", near=NEW_COMMUNE, on=NEW)


SUCCEEDED = [
    ("still itself", OLD_DISTRICT, LAST_DAY, OLD_DISTRICT),
    ("the district's desk", OLD_DISTRICT, FIRST_DAY, NEW_COMMUNE),
    ("the district's land registry", "001.34.13.H04", FIRST_DAY, "H12.14.02"),
    ("two communes into one", "000.22.34.H04", FIRST_DAY, NEW_COMMUNE),
    ("the district's police, through the province's", "000.34.04.G01", NEW, "G01.12"),
    ("a department, through its first merger", "000.00.10.H04", date(2025, 4, 1), "000.00.07.H04"),
    ("a department, through both", "000.00.10.H04", NEW, "H12.07"),
]


@pytest.mark.parametrize(("code", "on", "successor"), [r[1:] for r in SUCCEEDED], ids=[r[0] for r in SUCCEEDED])
def test_successor(code: str, on: date, successor: str) -> None:
    assert AGENCIES.successor(code, on).code == successor


def test_every_agency_has_a_successor_today() -> None:
    for agency in AGENCIES.all():
        assert AGENCIES.successor(agency.code, NEW).valid_on(NEW)


def test_a_renamed_agency_keeps_its_code() -> None:
    assert AGENCIES.get(OLD_DISTRICT, date(2017, 8, 31)).name == "Bộ phận Tiếp nhận và Trả kết quả huyện Phước Long"
    assert AGENCIES.get(OLD_DISTRICT, date(2017, 9, 1)).name == "Trung tâm Hành chính công huyện Phước Long"
    assert AGENCIES.get(OLD_DISTRICT).name == "Trung tâm Hành chính công huyện Phước Long"


def test_an_agency_out_of_its_time_is_unknown() -> None:
    with pytest.raises(UnknownAgency, match="no agency 'H99'"):
        AGENCIES.get("H99")
    with pytest.raises(UnknownAgency, match=r"did not exist on 2025-06-30; it is valid 2025-07-01 to now"):
        AGENCIES.get(NEW_COMMUNE, LAST_DAY)
    with pytest.raises(UnknownAgency, match="did not exist on 2025-06-30"):
        AGENCIES.successor(NEW_COMMUNE, LAST_DAY)
    with pytest.raises(UnknownAgency, match="did not exist on 1999-01-01"):
        AGENCIES.get(OLD_DISTRICT, date(1999, 1, 1))


def test_units_and_their_successors() -> None:
    merged = AGENCIES.unit("bac-lieu.phuoc-long.vinh-phu-dong")
    assert [AGENCIES.unit(code, FIRST_DAY).name for code in merged.successors] == ["Xã Phước Long"]
    with pytest.raises(UnknownAgency, match="did not exist on 2025-07-01"):
        AGENCIES.unit("bac-lieu", FIRST_DAY)
    with pytest.raises(UnknownAgency, match="no unit 'hue'"):
        AGENCIES.unit("hue")
