"""The life of a report: counted, submitted, signed off, published and corrected; on both databases, twice, and with crashes."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from io import BytesIO
from typing import IO

import pytest
from sqlalchemy import update

from services.stats.access import NotOwnReport, NotReportLeader
from services.stats.measures.domain import Period
from services.stats.measures.queries import Scope, count_measures
from services.stats.reports import commands, store
from services.stats.reports.domain import (
    BrokenReport,
    ChangedSinceRead,
    NothingChanged,
    NotInThisState,
    PaperMissing,
    PeriodRuns,
    ReplacedAlready,
    ReportState,
    UnknownReport,
    differences,
)
from services.stats.reports.files import keep_missing_papers, keep_paper, read_paper, report_storage
from services.stats.reports.periods import ReportPeriod, containing
from services.stats.reports.rules import report_rules
from services.stats.reports.store import Report
from shared.auth import Principal
from shared.storage import StorageUnavailable
from tests.support.pdf import text_of
from tests.support.reports import (
    correct_report,
    dossiers_of,
    draft_report,
    get_report,
    leader_of,
    publish_report,
    sample_content,
    sample_report,
    sign_report,
)
from tests.support.service import ServiceUnderTest

CENTRE, PROVINCE, DESK, OTHER = "H12.20", "H12", "H12.31.01", "H12.32.01"
OCTOBER = date(2025, 10, 15)
OFFICER = Principal("officer-1", frozenset({"officer"}), PROVINCE)


def october(kind: str = "month") -> ReportPeriod:
    return containing(report_rules().kind(kind), OCTOBER)


def with_dossiers(service: ServiceUnderTest) -> None:
    service.apply(*dossiers_of(DESK, date(2025, 10, 6), 12, 9, 2))
    service.apply(*dossiers_of(OTHER, date(2025, 10, 7), 6, 6))
    service.apply(*dossiers_of(DESK, date(2025, 9, 8), 4, 4, 1))
    service.apply(*dossiers_of("000.21.34.H04", date(2024, 10, 8), 3, 3))  # merged since


def counts(service: ServiceUnderTest, agency: str) -> dict[str, int]:
    """The numbers of October as pages count them."""
    agencies, period = service.context.reference.agencies, october()
    visible = agencies.descendants(agency, period.last)
    with service.store.read() as connection:
        return count_measures(
            connection, Scope(Period(period.first, period.last), service.context.clock.now(), {}, visible)
        )


def tried(service: ServiceUnderTest, command: partial[None]) -> None:
    service.store.run(command)


def test_a_report_says_what_the_read_interface_counts(both: ServiceUnderTest) -> None:
    with_dossiers(both)
    content = get_report(both.context, draft_report(both.context, PROVINCE, october())).read()
    expected = counts(both, PROVINCE)
    numbers = content["numbers"]
    assert {
        name: numbers[name]["now"] for name in ("received", "resolved", "on_time", "resolved_late", "in_progress")
    } == {name: expected[name] for name in ("received", "resolved", "on_time", "resolved_late", "in_progress")}
    assert (numbers["received"]["now"], numbers["resolved"]["now"], numbers["resolved_late"]["now"]) == (18, 15, 2)
    assert (numbers["received"]["before"], numbers["on_time_share"]["before"]) == (4, 75.0)
    assert numbers["received_online"]["now"] == 6
    assert [(row["code"], row["counts"]["received"], row["counts"]["resolved_late"]) for row in content["agency"]] == [
        (DESK, 12, 2),
        (OTHER, 6, 0),
    ]
    for by in ("level", "agency", "field", "channel"):
        assert sum(row["counts"]["received"] for row in content[by]) == numbers["received"]["now"]
        assert sum(row["counts"]["in_progress"] for row in content[by]) == numbers["in_progress"]["now"]
    assert numbers["received"]["last_year"] == 3, "of the agency that was merged into the desk since"
    assert content["missing"] == ["few_ratings", "no_tickets", "no_complaints"]
    assert numbers["satisfied_share"]["now"] is None


def test_a_merged_agency_is_reported_under_its_successor(both: ServiceUnderTest) -> None:
    agencies = both.context.reference.agencies
    old = next(
        one.code
        for one in agencies.all(date(2025, 6, 30))
        if "one_stop_desk" in one.roles and agencies.acting_for(one.code, date(2025, 10, 1)) == {one.code, DESK}
    )
    both.apply(*dossiers_of(old, date(2025, 10, 6), 3))
    both.apply(*dossiers_of(DESK, date(2025, 10, 6), 2))
    content = get_report(both.context, draft_report(both.context, PROVINCE, october())).read()
    assert [(row["code"], row["counts"]["received"]) for row in content["agency"]] == [(DESK, 5)]
    assert {row["code"]: row["counts"]["received"] for row in content["level"]} == Counter(
        [agencies.get(old).level] * 3 + [agencies.get(DESK).level] * 2
    ), "a level is the one at which people came"
    assert [row["code"] for row in content["level"]] == ["district", "commune"]


def test_a_report_is_submitted_signed_and_published_and_stays_as_it_is(both: ServiceUnderTest) -> None:
    here, leader = both.context, leader_of(PROVINCE)
    id_ = sample_report(here, PROVINCE, october())
    assert sample_report(here, PROVINCE, october()) == id_, "drawn up once"
    draft = get_report(here, id_)
    with pytest.raises(NotInThisState):
        tried(both, partial(commands.sign_off, actor=leader, id_=id_, digest=draft.digest))
    with pytest.raises(ChangedSinceRead):
        tried(both, partial(commands.submit, actor=OFFICER, id_=id_, digest="another"))
    tried(both, partial(commands.submit, actor=OFFICER, id_=id_, digest=draft.digest))
    with pytest.raises(NotInThisState):
        tried(both, partial(commands.submit, actor=OFFICER, id_=id_, digest=draft.digest))
    tried(both, partial(commands.sign_off, actor=leader, id_=id_, digest=draft.digest))
    with pytest.raises(PaperMissing):
        tried(both, partial(commands.publish, actor=leader, id_=id_))
    storage = report_storage(here.settings)
    keep_paper(here, storage, id_)
    signed = get_report(here, id_)
    assert (signed.written_number, signed.signed_by, signed.state) == ("01/BC-H12", leader.subject, ReportState.SIGNED)
    tried(both, partial(commands.publish, actor=leader, id_=id_))
    (event,) = both.emitted("report.published")
    assert (event.data["report"], event.data["received"], event.data["number"]) == (id_, 1204, "01/BC-H12")
    assert leader.subject not in str(event.data), "the event names nobody"
    with pytest.raises(NotInThisState):
        tried(both, partial(commands.publish, actor=leader, id_=id_))
    published = get_report(here, id_)
    assert published.content == draft.content
    assert read_paper(storage, published) == read_paper(storage, signed)
    with both.store.read() as connection:
        assert [one.action for one in store.entries_of(connection, id_)] == ["draw_up", "submit", "sign", "publish"]


def test_a_correction_shows_every_changed_number_beside_the_old_one(both: ServiceUnderTest) -> None:
    with_dossiers(both)
    here, leader = both.context, leader_of(PROVINCE)
    first = draft_report(here, PROVINCE, october())
    publish_report(here, first, leader)
    with pytest.raises(NothingChanged):
        correct_report(here, first, leader)
    both.apply(*dossiers_of(OTHER, date(2025, 10, 9), 5, 5, 2, "late"))
    second = correct_report(here, first, leader)
    with pytest.raises(ReplacedAlready):
        correct_report(here, first, leader)
    old, new = get_report(here, first), get_report(here, second)
    assert (new.version, new.replaces, new.state) == (2, first, ReportState.DRAFT)
    changed = {(one.table, one.row, one.column): (one.old, one.new) for one in differences(old.read(), new.read())}
    assert changed["numbers", "received", "now"] == (18, 23)
    assert changed["numbers", "resolved_late", "now"] == (2, 4)
    assert changed["agency", OTHER, "received"] == (6, 11)
    assert not any(row == DESK for _, row, _ in changed)
    assert ("numbers", "received", "before") not in changed
    publish_report(here, second, leader)
    text = text_of(read_paper(report_storage(here.settings), get_report(here, second)))
    assert "Số liệu đính chính" in text
    assert "Thay thế Báo cáo số 01/BC-H12" in text
    assert "Hồ sơ tiếp nhận trong kỳ, kỳ này 18 23" in text
    assert [one.data["replaces"] for one in both.emitted("report.published")] == [None, first]
    assert get_report(here, first).content == old.content, "the old one stays"


def test_only_those_of_the_agency_or_above_it_act(both: ServiceUnderTest) -> None:
    here = both.context
    id_ = sample_report(here, DESK, october())
    digest = get_report(here, id_).digest
    for actor in (
        leader_of(OTHER),
        Principal("o", frozenset({"officer"}), OTHER),
        Principal("o", frozenset({"officer"}), PROVINCE),  # officers are not above anybody
        Principal("c", frozenset({"clerk"}), DESK),
        Principal("op", frozenset({"operator"}), ""),
        Principal("l", frozenset({"leader"}), ""),
    ):
        with pytest.raises(NotOwnReport):
            tried(both, partial(commands.submit, actor=actor, id_=id_, digest=digest))
    own_officer = Principal("o", frozenset({"officer"}), DESK)
    tried(both, partial(commands.submit, actor=own_officer, id_=id_, digest=digest))
    for actor in (own_officer, leader_of(OTHER), Principal("op", frozenset({"operator"}), "")):
        with pytest.raises(NotReportLeader):
            tried(both, partial(commands.sign_off, actor=actor, id_=id_, digest=digest))
    tried(both, partial(commands.sign_off, actor=leader_of(PROVINCE), id_=id_, digest=digest))
    with pytest.raises(UnknownReport):
        tried(both, partial(commands.publish, actor=leader_of(PROVINCE), id_="none"))


def test_a_period_that_still_runs_is_not_submitted(both: ServiceUnderTest) -> None:
    here, november = both.context, containing(report_rules().kind("month"), date(2025, 11, 3))
    both.apply(*dossiers_of(DESK, date(2025, 11, 3), 3))
    id_ = draft_report(here, DESK, november)
    assert get_report(here, id_).read()["missing"][0] == "period_runs"
    with pytest.raises(PeriodRuns):
        tried(both, partial(commands.submit, actor=leader_of(DESK), id_=id_, digest=get_report(here, id_).digest))
    both.apply(*dossiers_of(DESK, date(2025, 11, 10), 4))
    both.hand.pass_(timedelta(days=30))
    assert draft_report(here, DESK, november) == id_, "the schedule brings the draft up to date"
    found = get_report(here, id_)
    assert found.read()["numbers"]["received"]["now"] == 7
    tried(both, partial(commands.submit, actor=leader_of(DESK), id_=id_, digest=found.digest))
    tried(both, partial(commands.send_back, actor=leader_of(DESK), id_=id_))
    assert get_report(here, id_).state == ReportState.DRAFT


def test_numbers_of_papers_are_gapless_and_each_agency_has_its_own(both: ServiceUnderTest) -> None:
    here = both.context
    for agency, kind in ((PROVINCE, "month"), (PROVINCE, "quarter_15"), (DESK, "month")):
        both.hand.pass_(timedelta(days=70 if kind == "quarter_15" else 0))
        id_ = sample_report(here, agency, october(kind))
        sign_report(here, id_, leader_of(agency))
    with both.store.read() as connection:
        numbers = sorted(
            (one.agency, one.year or 0, one.number or 0)
            for agency, kind in ((PROVINCE, "month"), (PROVINCE, "quarter_15"), (DESK, "month"))
            for one in store.versions(connection, agency, kind, october(kind).key)
        )
    assert numbers == [(PROVINCE, 2025, 1), (PROVINCE, 2026, 1), (DESK, 2026, 1)]


class Broken:
    """A storage that loses its first answers, after it has stored the file or before."""

    def __init__(self, real: object, stores: bool) -> None:
        self.real, self.stores, self.left = real, stores, 1

    def put(self, key: str, content: IO[bytes], size: int) -> None:
        if self.left:
            self.left -= 1
            if self.stores:
                self.real.put(key, content, size)  # type: ignore[attr-defined]
            raise StorageUnavailable("no answer")
        self.real.put(key, content, size)  # type: ignore[attr-defined]

    def open(self, key: str) -> IO[bytes]:
        found: IO[bytes] = self.real.open(key)  # type: ignore[attr-defined]
        return found


@pytest.fixture
def signed(both: ServiceUnderTest) -> Report:
    """A report that was signed by a process that died before it kept the paper."""
    here, leader = both.context, leader_of(PROVINCE)
    id_ = sample_report(here, PROVINCE, october())
    digest = get_report(here, id_).digest
    tried(both, partial(commands.submit, actor=leader, id_=id_, digest=digest))
    tried(both, partial(commands.sign_off, actor=leader, id_=id_, digest=digest))
    return get_report(here, id_)


@pytest.mark.parametrize("stores", [True, False])
def test_a_crash_around_the_storing_of_the_paper_keeps_one_paper(
    both: ServiceUnderTest, signed: Report, stores: bool
) -> None:
    here, storage = both.context, report_storage(both.context.settings)
    with pytest.raises(StorageUnavailable):
        keep_paper(here, Broken(storage, stores), signed.id)  # type: ignore[arg-type]
    with pytest.raises(PaperMissing):
        read_paper(storage, get_report(here, signed.id))
    assert keep_missing_papers(here) == 1
    kept = get_report(here, signed.id)
    first = read_paper(storage, kept)
    assert keep_missing_papers(here) == 0
    keep_paper(here, storage, signed.id)
    assert get_report(here, signed.id) == kept
    assert read_paper(storage, kept) == first
    assert "01/BC-H12" in text_of(first)


def test_a_paper_that_was_changed_in_the_storage_is_not_given_out(both: ServiceUnderTest, signed: Report) -> None:
    here, storage = both.context, report_storage(both.context.settings)
    keep_paper(here, storage, signed.id)
    kept = get_report(here, signed.id)
    assert kept.file_key
    storage.replace(kept.file_key, BytesIO(b"%PDF-another"), 12)
    with pytest.raises(BrokenReport):
        read_paper(storage, kept)
    storage.delete(kept.file_key)
    with pytest.raises(BrokenReport):
        read_paper(storage, kept)


def test_a_content_that_was_changed_in_the_database_is_not_shown(both: ServiceUnderTest, signed: Report) -> None:
    reports = store.reports
    changed = signed.content.replace('"received"', '"recieved"', 1)
    with both.store.uow() as work:
        work.execute(update(reports).where(reports.c.id == signed.id).values(content=changed))
    with pytest.raises(BrokenReport):
        get_report(both.context, signed.id).read()


def test_two_who_act_at_once_do_it_once(both: ServiceUnderTest) -> None:
    here, leader = both.context, leader_of(PROVINCE)
    id_ = sample_report(here, PROVINCE, october())
    stale = get_report(here, id_)
    tried(both, partial(commands.submit, actor=leader, id_=id_, digest=stale.digest))
    with both.store.uow() as work:
        assert not store.change(work.connection, stale, state=ReportState.SIGNED)
        assert not store.add(work, replace(stale, id="another"))
    content = sample_content(here, PROVINCE, october(), 9)
    with pytest.raises(NotInThisState):
        tried(both, partial(commands.recount, actor=leader, id_=id_, content=content))
