"""Intake after a restore of its database: numbers, and what others say about codes that were given twice."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from services.intake.dossiers import store as dossiers
from services.intake.filing.domain.dossier_code import CodePattern, looks_like_code
from services.intake.migrations import metadata
from shared.persistence import data_key_register, epoch
from shared.persistence.key_rotation import reseal, rows_by_key
from shared.persistence.store import Store
from shared.runtime.context import Context
from shared.runtime.data_keys import DataKeys, WrongDataKeys, parse_data_keys
from shared.runtime.workers.restored_keys import SealRestored
from tests.intake.service_fixture import DESK, OTHER_DESK, THURSDAY, IntakeService
from tests.support.backups import back_up, restore
from tests.support.events import deliveries, event

NOON_BLOCK = (8 * 60 + 15) * 1000 + 10_001
"""The first number after a restore at 8:15."""


def _number(code: str) -> int:
    parts = CodePattern().parse(code)
    assert parts is not None
    assert looks_like_code(code)
    return parts.number


def _begin(intake: IntakeService) -> int:
    number = intake.store.run(lambda work: epoch.begin(work.connection, "test", intake.hand_clock.seconds))
    intake.store.run(lambda work: epoch.mark_announced(work.connection, number))
    return number


def test_numbers_have_no_gap_without_a_restore(intake: IntakeService) -> None:
    assert [_number(intake.file()["code"]) for _ in range(3)] == [1, 2, 3]


def test_after_a_restore_all_desks_go_on_behind_a_gap(intake: IntakeService) -> None:
    intake.file()
    _begin(intake)
    assert [_number(intake.file()["code"]) for _ in range(3)] == [NOON_BLOCK, NOON_BLOCK + 1, NOON_BLOCK + 2]
    assert _number(intake.file(receiving_agency=OTHER_DESK)["code"]) == NOON_BLOCK


def test_the_next_day_begins_at_one_again(intake: IntakeService) -> None:
    _begin(intake)
    intake.hand_clock.pass_(timedelta(days=1))
    assert _number(intake.file()["code"]) == 1


def test_a_second_restore_on_the_same_day_begins_above_the_first(intake: IntakeService) -> None:
    _begin(intake)
    first = _number(intake.file()["code"])
    intake.hand_clock.pass_(timedelta(minutes=2))
    _begin(intake)
    assert _number(intake.file()["code"]) == first + 2000


def test_a_database_that_was_restored_repeats_no_code_and_no_event(intake: IntakeService, tmp_path: Path) -> None:
    """What happened before: dumped, 3 filed, restored, 3 filed again as others, with the same codes."""
    intake.file()
    url = intake.store.engine.url.render_as_string(hide_password=False)
    copy = back_up(url, tmp_path / "copy")
    lost = [intake.file()["code"] for _ in range(3)]
    before = intake.emitted()
    intake.store.close()
    restore(url, copy)
    again = [intake.file(applicant__name="Trần Văn Cam")["code"] for _ in range(3)]
    assert not set(again) & set(lost)
    assert all(code.startswith(f"{DESK}-251120-") for code in again)
    places = {(body["partitionkey"], body["sequence"]): body["id"] for body in before}
    for body in intake.emitted():
        assert places.get((body["partitionkey"], body["sequence"]), body["id"]) == body["id"]


def test_what_was_restored_from_before_a_key_was_replaced_opens_with_the_old_key_and_is_sealed_with_the_new(
    sqlite_intake: IntakeService, tmp_path: Path
) -> None:
    intake, settings = sqlite_intake, sqlite_intake.context.settings
    [old] = parse_data_keys((settings.data / "data.keys").read_text())
    new, url = ("k-new", "n" * 40), intake.store.engine.url.render_as_string(hide_password=False)
    data_key_register.begin_writing(intake.store)
    code = intake.file()["code"]

    def opened(*keys: tuple[str, str]) -> Context:
        store = Store(url, "intake", intake.store.clock, data_keys=DataKeys(keys), hash_key=settings.hash_key)
        return replace(intake.context, store=store)

    copy = back_up(url, tmp_path / "copy")
    rotated = opened(new, old)
    assert SealRestored(metadata).run(rotated) == 0
    assert rows_by_key(rotated.store, metadata.tables["dossier"]) == {old[0]: 1}, "the operator replaces a key"
    reseal(rotated.store, metadata.tables["dossier"])
    rotated.store.close()
    intake.file()  # what is lost by the restore, and shows that there was one
    intake.store.close()
    restore(url, copy)
    lacking = opened(new)
    with pytest.raises(WrongDataKeys, match=f"lacks '{old[0]}'"):
        data_key_register.check(lacking.store, lambda _store, gone: gone)
    lacking.store.close()
    restored = opened(new, old)
    data_key_register.check(restored.store, lambda _store, gone: gone)
    assert SealRestored(metadata).run(restored) == 0
    assert rows_by_key(restored.store, metadata.tables["dossier"]) == {new[0]: 1}
    restored.store.close()
    alone = opened(new)
    with alone.store.read() as connection:
        assert dossiers.get(connection, code).applicant_name == "Nguyễn Thị Bưởi"
    alone.store.close()


def _conflict(code: str, number: int, service: str = "intake") -> bytes:
    return event("store.conflicted", record=code, service=service, epoch=number, found_by="routing").to_json()


def test_a_reported_conflict_begins_a_new_epoch_and_holds_the_record_back(intake: IntakeService) -> None:
    """Whom routing means by the code, the lost dossier or the new one, only a person can tell."""
    code = intake.file()["code"]
    intake.applier.apply(deliveries(_conflict(code, 0)))
    with intake.store.read() as connection:
        begun = epoch.present(connection)
    assert begun.number == int(intake.hand_clock.seconds)
    assert code in begun.reason
    assert _number(intake.file()["code"]) == NOON_BLOCK
    outcome = intake.receive_event("dossier.resolved", code)
    assert (outcome.applied, outcome.queued) == (0, 1)
    assert [row["state"] for row in intake.rows("dossier") if row["code"] == code] == [2]


@pytest.mark.parametrize(("number", "service"), [(5, "intake"), (0, "rating")])
def test_a_conflict_of_an_earlier_epoch_or_of_another_service_begins_none(
    intake: IntakeService, number: int, service: str
) -> None:
    code = intake.file()["code"]
    intake.applier.apply(deliveries(_conflict(code, number, service)))
    with intake.store.read() as connection:
        assert epoch.present(connection).number == 0
    assert intake.hand_clock.seconds == THURSDAY.timestamp()
