"""A late dossier is owed an apology (form 04): drafted by itself, signed with a number, once for each lateness."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest
from sqlalchemy import insert

from services.routing.access import AccessDenied
from services.routing.apologies import commands, store
from services.routing.apologies.commands import ChangedSince, NotADraft, NotTakingPart, UnknownApology
from services.routing.apologies.domain import ApologyNotAllowed, Letter
from services.routing.commands.closure import stop_dossier
from services.routing.commands.extend import extend_dossier
from services.routing.commands.sweeps import check_calendar
from shared.messaging.tables import epochs
from shared.persistence.unit_of_work import UnitOfWork
from tests.routing.apology_letters import (
    LETTER,
    NEW,
    NEXT_MORNING,
    NUMBER,
    leader,
    letters,
    make_late,
    newest,
    report,
    sign,
)
from tests.routing.service_fixture import CODE, DESK, PROMISED, REGISTRY, TAX, TO_THE_RESULT, RoutingFixture, at
from tests.routing.test_routing_day_off import TUESDAY, declare_off

OTHER = "000.00.14.H57-251120-0119"


def test_a_dossier_that_becomes_late_has_a_draft_of_the_agency_that_made_it_late(land: RoutingFixture) -> None:
    draft = make_late(land)
    assert (draft.state, draft.kind, draft.lateness, draft.agency) == ("draft", "late", 1, REGISTRY)
    assert (draft.missed_at, draft.number, draft.cause, draft.new_due_at) == (PROMISED, None, "", None)
    land.sweep()
    assert letters(land) == [draft]


def test_a_signed_letter_has_the_next_number_and_goes_to_the_citizen(land: RoutingFixture) -> None:
    draft = make_late(land)
    land.advance_to(NEXT_MORNING)
    signed = sign(land, draft.id)
    assert (signed.written_number, signed.signed_by, signed.signed_at) == (NUMBER, "leader-1", NEXT_MORNING)
    told = {
        "dossier": CODE,
        "apology": draft.id,
        "agency": REGISTRY,
        "number": NUMBER,
        "was_due_at": PROMISED.isoformat(),
        "due_at": NEW.isoformat(),
        "signed_at": NEXT_MORNING.isoformat(),
    }
    (explained,) = land.emitted("apology.explained")
    reason = "Việc thẩm định, xác minh hồ sơ mất nhiều thời gian hơn dự kiến. Cần đo đạc lại ranh giới."
    assert explained.data == {**told, "reason": reason}
    (emitted,) = land.emitted("apology.signed")
    assert emitted.data == {**told, "cause": "verification"}
    dossier = land.dossier()
    assert (dossier.due_at, dossier.overdue_at) == (PROMISED, PROMISED), "what is late stays late"


def test_a_letter_is_signed_once(land: RoutingFixture) -> None:
    draft = make_late(land)
    sign(land, draft.id)
    with pytest.raises(NotADraft):
        sign(land, draft.id)
    with pytest.raises(UnknownApology):
        sign(land, "no-such-letter")
    assert land.event_names("apology.signed") == ["apology.signed"]


def test_a_dossier_that_misses_its_new_date_is_owed_another_letter(land: RoutingFixture) -> None:
    first = sign(land, make_late(land).id)
    land.advance_to(NEW)
    report(land)
    assert letters(land) == [first], "the date is kept until it is over"
    land.advance_to(NEW + timedelta(minutes=1))
    report(land)
    report(land)
    _, second = letters(land)
    assert (second.state, second.lateness, second.missed_at) == ("draft", 2, NEW)
    signed = sign(land, second.id, Letter("workload", "", at("2025-12-17 17:00")))
    assert signed.written_number == f"02/PXL-{REGISTRY}"


def test_a_new_date_on_a_day_that_is_declared_off_ends_with_the_next_working_day(land: RoutingFixture) -> None:
    first = sign(land, make_late(land).id)
    land.advance_to(NEW + timedelta(minutes=1))
    report(land)
    assert newest(land).lateness == 2
    declare_off(land, NEW.date())
    land.advance_to(at("2025-12-11 08:00"))
    report(land)
    assert (newest(land).state, newest(land).withdrawn_cause) == ("withdrawn", "deadline_moved")
    land.advance_to(at("2025-12-11 17:31"))
    report(land)
    assert [(one.state, one.missed_at) for one in letters(land)] == [
        ("signed", first.missed_at),
        ("withdrawn", NEW),
        ("draft", at("2025-12-11 17:30")),
    ]


def test_no_other_letter_while_time_is_not_counted(land: RoutingFixture) -> None:
    sign(land, make_late(land).id)
    land.complete("assessment")  # now the citizen's tax notice is waited for
    land.advance_to(NEW + timedelta(hours=1))
    report(land)
    assert len(letters(land)) == 1
    assert newest(land).check_at == NEW + timedelta(hours=2)
    land.advance_to(NEW + timedelta(hours=18))
    land.complete("tax")
    due_at = land.dossier().due_at
    assert due_at > NEW, "the wait has moved the due time"
    report(land)
    assert len(letters(land)) == 1
    land.advance_to(due_at + timedelta(minutes=1))
    report(land)
    assert (newest(land).lateness, newest(land).missed_at) == (2, due_at)


def test_a_draft_is_withdrawn_when_the_dossier_was_not_late(land: RoutingFixture) -> None:
    draft = make_late(land)
    land.advance_to(NEXT_MORNING)
    declare_off(land, TUESDAY)
    check_calendar(land.context)
    (found,) = letters(land)
    assert (found.state, found.withdrawn_cause, found.withdrawn_at) == ("withdrawn", "deadline_moved", NEXT_MORNING)
    (emitted,) = land.emitted("apology.withdrawn")
    assert (emitted.data["apology"], emitted.data["cause"]) == (draft.id, "deadline_moved")
    with pytest.raises(NotADraft):
        sign(land, draft.id)
    land.advance_to(at("2025-12-03 17:31"))
    land.sweep()
    assert (newest(land).state, newest(land).missed_at) == ("draft", at("2025-12-03 17:30"))


def test_a_draft_follows_a_due_time_that_was_missed_all_the_same(land: RoutingFixture) -> None:
    make_late(land)
    land.advance_to(at("2025-12-04 09:00"))
    declare_off(land, TUESDAY)
    check_calendar(land.context)
    (found,) = letters(land)
    assert (found.state, found.missed_at) == ("draft", at("2025-12-03 17:30"))


@pytest.mark.parametrize("end", ["result", "stop", "withdraw"])
def test_a_draft_ends_with_its_dossier(sqlite_land: RoutingFixture, end: str) -> None:
    make_late(sqlite_land)
    if end == "result":
        sqlite_land.complete_steps("assessment:no_tax", *TO_THE_RESULT)
    elif end == "stop":
        sqlite_land.run(lambda work: stop_dossier(work, CODE, "Trùng hồ sơ", "leader-1"))
    else:
        sqlite_land.withdraw()
    (found,) = letters(sqlite_land)
    assert (found.state, found.withdrawn_cause) == ("withdrawn", "ended")
    assert report(sqlite_land) == 0


def test_the_date_of_a_signed_letter_is_not_watched_after_the_end(sqlite_land: RoutingFixture) -> None:
    sign(sqlite_land, make_late(sqlite_land).id)
    sqlite_land.complete_steps("assessment:no_tax", *TO_THE_RESULT)
    assert newest(sqlite_land).check_at is None
    sqlite_land.advance_to(NEW + timedelta(days=1))
    report(sqlite_land)
    assert len(letters(sqlite_land)) == 1


def test_both_apologies_share_the_register_of_their_agency(land: RoutingFixture) -> None:
    land.receive(OTHER)
    land.run(lambda work: extend_dossier(work, OTHER, NEW, "Cần đo đạc lại", "leader-1"))
    assert land.emitted("dossier.extended", code=OTHER)[0].data["number"] == NUMBER
    signed = sign(land, make_late(land).id)
    assert signed.written_number == f"02/PXL-{REGISTRY}"
    with land.store.read() as connection:
        found = store.register(connection, REGISTRY, 2025)
    assert [(one.number, one.kind, one.dossier) for one in found] == [(1, "extension", OTHER), (2, "late", CODE)]


def test_before_the_due_time_there_is_no_draft_and_after_it_no_extension(land: RoutingFixture) -> None:
    land.advance_to(PROMISED)
    land.sweep()
    assert letters(land) == []
    land.advance_to(PROMISED + timedelta(minutes=1))
    land.sweep()
    with pytest.raises(Exception, match="extension_announced_too_late"):
        land.run(lambda work: extend_dossier(work, CODE, NEW, "Cần đo đạc lại", "leader-1"))
    assert [one.kind for one in letters(land)] == ["late"]


def test_a_rejected_signature_gives_its_number_back(land: RoutingFixture) -> None:
    draft = make_late(land)

    def sign_and_fail(work: UnitOfWork) -> None:
        commands.sign(work, leader(land, work), draft.id, missing=LETTER)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        land.run(sign_and_fail)
    assert newest(land) == draft
    assert sign(land, draft.id).written_number == NUMBER


def test_leaders_who_sign_at_once_get_numbers_without_gaps(land: RoutingFixture) -> None:
    codes = [f"000.00.14.H57-251120-02{place:02d}" for place in range(8)]
    for code in codes:
        land.receive(code)
        land.complete("transfer", code=code)
    land.advance_to(NEXT_MORNING)
    land.sweep()
    drafts = [newest(land, code).id for code in codes]
    start = threading.Barrier(4)

    def signer(place: int) -> None:
        start.wait()
        for id_ in drafts[place:] + drafts[:place]:
            try:
                sign(land, id_)
            except NotADraft:
                continue

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(signer, (0, 2, 4, 6)))
    with land.store.read() as connection:
        assert [one.number for one in store.register(connection, REGISTRY, 2025)] == list(range(1, 9))


def test_each_year_and_agency_has_its_own_numbers(sqlite_land: RoutingFixture) -> None:
    with sqlite_land.store.uow() as work:
        assert [store.take_number(work, REGISTRY, 2025) for _ in range(2)] == [1, 2]
        assert store.take_number(work, REGISTRY, 2026) == 1
        assert store.take_number(work, DESK, 2025) == 1


def test_after_a_restore_no_number_is_given_twice(land: RoutingFixture) -> None:
    draft = make_late(land)
    with land.store.uow() as work:
        assert store.take_number(work, REGISTRY, 2025) == 1
    restored = int(land.store.clock.unix_seconds(at("2025-11-20 08:00")))
    with land.store.uow() as work:
        work.connection.execute(insert(epochs).values(number=restored, witness="w", reason="r", announced=True))
    assert (sign(land, draft.id).number or 0) > 10_000


def test_a_signature_needs_a_leader_of_the_responsible_agency(land: RoutingFixture) -> None:
    draft = make_late(land)
    for agency, role in ((DESK, "leader"), (REGISTRY, "officer"), (TAX, "leader")):

        def attempt(work: UnitOfWork, agency: str = agency, role: str = role) -> None:
            commands.sign(work, leader(land, work, agency, role), draft.id, missing=LETTER)

        with pytest.raises(AccessDenied):
            land.run(attempt)
    assert newest(land) == draft


def test_another_agency_becomes_responsible_with_a_reason(land: RoutingFixture) -> None:
    draft = make_late(land)

    def change(agency: str, reason: str, revision: int = draft.revision) -> None:
        land.run(lambda work: commands.change_agency(work, leader(land, work), draft.id, agency, reason, revision))

    with pytest.raises(NotTakingPart):
        change(TAX, "Chờ cơ quan thuế")
    with pytest.raises(ApologyNotAllowed, match="agency_without_reason"):
        change(DESK, "  ")
    with pytest.raises(ChangedSince):
        change(DESK, "Chuyển hồ sơ chậm", revision=7)
    change(DESK, "Bộ phận Một cửa chuyển hồ sơ chậm")
    assert newest(land).agency == DESK
    with land.store.read() as connection:
        (kept,) = store.changes_of(connection, draft.id)
    assert (kept.was_agency, kept.agency, kept.by) == (REGISTRY, DESK, "leader-1")
    with pytest.raises(AccessDenied):
        sign(land, draft.id)
    assert sign(land, draft.id, agency=DESK).written_number == f"01/PXL-{DESK}"


def test_what_was_read_is_what_is_signed(land: RoutingFixture) -> None:
    draft = make_late(land)
    land.run(lambda work: commands.edit(work, leader(land, work), draft.id, LETTER, draft.revision))
    with pytest.raises(ChangedSince):
        land.run(lambda work: commands.sign(work, leader(land, work), draft.id, draft.revision))
    with pytest.raises(ApologyNotAllowed, match="apology_unknown_cause"):
        land.run(lambda work: commands.edit(work, leader(land, work), draft.id, Letter("nonsense"), draft.revision + 1))
    land.run(lambda work: commands.sign(work, leader(land, work), draft.id, draft.revision + 1))
    assert newest(land).letter == LETTER


def test_the_sweep_of_steps_that_end_late_drafts_too(land: RoutingFixture) -> None:
    """Nobody looked: the step that ends late finds that its dossier is late."""
    land.complete("transfer")
    land.advance_to(at("2025-12-03 09:00"))
    land.complete("assessment", "no_tax")
    assert (newest(land).state, newest(land).agency) == ("draft", REGISTRY)


def test_a_day_is_a_local_day(land: RoutingFixture) -> None:
    make_late(land)
    land.advance_to(at("2025-12-02 23:59"))
    report(land)
    assert newest(land).reported_on == date(2025, 12, 2)
    land.advance_to(at("2025-12-03 00:01"))
    report(land)
    assert newest(land).reported_on == date(2025, 12, 3)
