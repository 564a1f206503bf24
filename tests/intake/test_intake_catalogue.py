"""Publishing procedures, the catalogue in memory, and importing files."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from threading import Barrier, Thread

import pytest

from services.intake.procedures.catalogue import FRESH_SECONDS, Catalogue
from services.intake.procedures.commands import BUILTIN, ensure_builtin, publish
from shared.catalogue import Procedure, load_builtin
from tests.intake.service_fixture import LAND, IntakeService
from tests.support.stores import HandClock

DAY = date(2025, 12, 31)


def builtin(code: str = LAND) -> Procedure:
    return next(procedure for procedure in load_builtin() if procedure.code == code)


def published(intake: IntakeService) -> list[tuple[str, int]]:
    return sorted((row["code"], row["version"]) for row in intake.rows("procedure"))


def test_the_builtin_catalogue_is_published_once(intake: IntakeService) -> None:
    everything = sorted((procedure.code, 1) for procedure in load_builtin())
    assert published(intake) == everything
    assert ensure_builtin(intake.context) == []
    assert published(intake) == everything
    announced = intake.emitted("procedure.published")
    assert sorted((body["data"]["procedure"], body["data"]["version"]) for body in announced) == everything
    assert all(body["partitionkey"] == body["data"]["procedure"] for body in announced)
    (land,) = [body["data"]["definition"] for body in announced if body["data"]["procedure"] == LAND]
    assert Procedure.from_dict(land) == builtin()


def test_only_changes_get_a_new_version(intake: IntakeService) -> None:
    changed = replace(builtin(), name="Đăng ký biến động (mới)")
    assert intake.store.run(lambda work: publish(work, [changed, builtin("2.000815")])) == [(LAND, 2)]
    assert intake.store.run(lambda work: publish(work, [changed])) == []
    assert intake.store.run(lambda work: publish(work, [builtin()])) == [(LAND, 3)]
    assert intake.store.run(lambda work: publish(work, [])) == []
    assert [
        body["data"]["version"] for body in intake.emitted("procedure.published") if body["partitionkey"] == LAND
    ] == [1, 2, 3]


def test_an_administrators_import_stays_in_force(intake: IntakeService) -> None:
    changed = replace(builtin(), name="Của tỉnh")
    intake.store.run(lambda work: publish(work, [changed]))
    assert ensure_builtin(intake.context) == []
    assert intake.get(f"/procedures/{LAND}").json["name"] == "Của tỉnh"


def test_older_software_does_not_publish_its_old_version_again(intake: IntakeService) -> None:
    newer = replace(builtin(), name="Bản dựng mới hơn")
    assert intake.store.run(lambda work: publish(work, [newer], BUILTIN)) == [(LAND, 2)]
    assert ensure_builtin(intake.context) == []


def test_concurrent_publications_get_consecutive_versions(intake: IntakeService) -> None:
    names = [f"Bản {number}" for number in range(4)]
    barrier = Barrier(len(names))

    def replica(name: str) -> None:
        barrier.wait()
        intake.store.run(lambda work: publish(work, [replace(builtin(), name=name)]))

    threads = [Thread(target=replica, args=(name,)) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [version for code, version in published(intake) if code == LAND] == [1, 2, 3, 4, 5]


def test_the_cache_sees_a_new_version_and_keeps_the_old_one(intake: IntakeService) -> None:
    hand = HandClock()
    catalogue = Catalogue(hand)
    with intake.store.read() as connection:
        assert catalogue.current(connection, LAND, DAY) == (1, builtin())
        assert catalogue.current(connection, "9.999999", DAY) is None
    intake.store.run(lambda work: publish(work, [replace(builtin(), name="Mới")]))
    with intake.store.read() as connection:
        assert catalogue.current(connection, LAND, DAY) == (1, builtin())
        hand.pass_(FRESH_SECONDS)
        current = catalogue.current(connection, LAND, DAY)
        assert current is not None
        assert (current[0], current[1].name) == (2, "Mới")
        assert catalogue.version(connection, LAND, 1) == builtin()
        assert Catalogue(hand).version(connection, LAND, 1) == builtin()
        with pytest.raises(LookupError):
            catalogue.version(connection, LAND, 9)


def test_a_dossier_keeps_its_version(intake: IntakeService) -> None:
    code = intake.file()["code"]
    name = builtin().name
    intake.store.run(lambda work: publish(work, [replace(builtin(), name="Mới")]))
    detail = intake.get(f"/dossiers/{code}").json
    assert detail["procedure"] == {"code": LAND, "name": name, "version": 1}


@pytest.mark.parametrize(
    ("q", "field", "codes"),
    [
        ("khai sinh", "", {"1.001193", "2.002621", "2.000635"}),
        ("KHAI SINH", "", {"1.001193", "2.002621", "2.000635"}),
        ("Đăng ký khai sinh", "", {"1.001193", "2.002621"}),
        ("dang ky khai sinh", "", {"1.001193", "2.002621"}),
        ("1.013831", "", {LAND}),
        ("sinh", "land", set()),
        ("không có thủ tục nào như thế", "", set()),
    ],
)
def test_search_ignores_diacritics(sqlite_intake: IntakeService, q: str, field: str, codes: set[str]) -> None:
    answer = sqlite_intake.client.get("/intake/api/procedures", query_string={"q": q, "field": field})
    assert {item["code"] for item in answer.json["items"]} == codes
    assert answer.json["total"] == len(codes)


def test_list_is_paged_and_complete(sqlite_intake: IntakeService) -> None:
    total = len(load_builtin())
    seen = []
    for offset in range(0, total, 10):
        page = sqlite_intake.client.get("/intake/api/procedures", query_string={"limit": 10, "offset": offset}).json
        assert page["total"] == total
        seen += [item["code"] for item in page["items"]]
    assert sorted(seen) == sorted(procedure.code for procedure in load_builtin())


def test_one_procedure_in_full(sqlite_intake: IntakeService) -> None:
    answer = sqlite_intake.client.get(f"/intake/api/procedures/{LAND}")
    assert answer.json == {"version": 1, **builtin().as_dict()}
    again = sqlite_intake.client.get(
        f"/intake/api/procedures/{LAND}", headers={"If-None-Match": answer.headers["ETag"]}
    )
    assert again.status_code == 304
    assert sqlite_intake.client.get("/intake/api/procedures/9.999999").status_code == 404
