"""Reads what the law and practice say of complaints from ``data/complaints.json``, and when to remind from ``complaint_warnings.json``."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from services.rating.complaints.clock import Limits
from services.rating.complaints.domain import Kind, Redirected
from shared.calendar.reminders import Thresholds, read_thresholds
from shared.data_files import Record, in_force, read_record, read_rules

DATA = Path(__file__).parent.parent / "data"
OTHER = "other"
"""The topic that fits always, and the ground that needs words."""
CERTAINTIES = ("law", "secondary", "memory")


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several, such as a topic or a ground of rejection."""

    id: str
    vi: str
    en: str


@dataclass(frozen=True, slots=True)
class KindRule:
    """A kind, with what the law asks of it.

    Attributes:
        kind: its name.
        vi, en: as people call it.
        explained_vi, explained_en: what it is for.
        anonymous: whether it may be lodged without a name.
        article: where that is written.
    """

    kind: Kind
    vi: str
    en: str
    explained_vi: str
    explained_en: str
    anonymous: bool
    article: str


@dataclass(frozen=True, slots=True)
class Redirection:
    """What is not handled here, and where it belongs."""

    kind: Redirected
    vi: str
    en: str
    explained_vi: str
    explained_en: str
    article: str


@dataclass(frozen=True, slots=True)
class ComplaintRules:
    """The rules since a day.

    Attributes:
        valid_from: the first day.
        limits: the four limits in working days, with their source.
        asked_times: how often more may be asked for.
        wait_days: calendar days until a reply is waited for no longer.
        reopened_times: how often a complaint may be reopened.
        reopen_days: calendar days after its end in which it may.
        retention_days: calendar days after its end until personal data and texts are erased.
        text_characters: the longest text.
        kinds, redirected, topics, grounds: what may be chosen, in the order of forms.
    """

    valid_from: date
    limits: Limits
    asked_times: int
    wait_days: int
    reopened_times: int
    reopen_days: int
    retention_days: int
    text_characters: int
    kinds: tuple[KindRule, ...]
    redirected: tuple[Redirection, ...]
    topics: tuple[Choice, ...]
    grounds: tuple[Choice, ...]

    def kind(self, kind: Kind) -> KindRule:
        """The rule of a kind."""
        return next(one for one in self.kinds if one.kind == kind)

    def topic(self, id_: str) -> Choice | None:
        """A topic; None if there is none of this name."""
        return next((one for one in self.topics if one.id == id_), None)

    def ground(self, id_: str) -> Choice | None:
        """A ground of rejection; None if there is none of this name."""
        return next((one for one in self.grounds if one.id == id_), None)


@cache
def _all() -> tuple[ComplaintRules, ...]:
    return read_rules(DATA / "complaints.json", _rules)


def complaint_rules(on: date) -> ComplaintRules:
    """The rules in force on a day; before the first ones, the first."""
    return in_force(_all(), on)


@cache
def thresholds() -> Thresholds:
    """When reminders are sent and cases escalate.

    Raises:
        shared.data_files.DataError: with every fault of the file.
    """
    record = read_record(DATA / "complaint_warnings.json")
    found = read_thresholds(record)
    record.raise_faults()
    return found


def _rules(one: Record) -> ComplaintRules:
    waiting, reopening, retention = (one.record(name) for name in ("waiting", "reopening", "retention"))
    rules = ComplaintRules(
        valid_from=one.day("valid_from"),
        limits=_limits(one.record("limits")),
        asked_times=waiting.integer("times"),
        wait_days=waiting.integer("calendar_days", 1),
        reopened_times=reopening.integer("times"),
        reopen_days=reopening.integer("calendar_days", 1),
        retention_days=retention.integer("calendar_days", 1),
        text_characters=one.integer("text_characters", 100),
        kinds=tuple(_kind(each) for each in one.records("kinds", named_by="id")),
        redirected=tuple(_redirection(each) for each in one.records("redirected", named_by="id")),
        topics=tuple(_choice(each) for each in one.records("topics", named_by="id")),
        grounds=tuple(_choice(each) for each in one.records("grounds", named_by="id")),
    )
    for record in (waiting, reopening, retention):
        record.optional_text("note")
        record.done()
    return rules


def _limits(record: Record) -> Limits:
    record.text("certainty", CERTAINTIES)
    names = ("reject_working_days", "ask_working_days", "resolve_working_days", "publish_working_days")
    reject, ask, resolve, publish = (record.integer(name, 1) for name in names)
    limits = Limits(reject, ask, resolve, publish, record.text("source_vi"), record.text("source_en"))
    record.done()
    return limits


def _kind(record: Record) -> KindRule:
    record.text("certainty", CERTAINTIES)
    kind = Kind(record.text("id", [one.value for one in Kind]) or Kind.FEEDBACK)
    vi, en, explained_vi, explained_en = (record.text(name) for name in ("vi", "en", "explained_vi", "explained_en"))
    anonymous, article = record.boolean("anonymous"), record.text("article")
    rule = KindRule(kind, vi, en, explained_vi, explained_en, anonymous, article)
    record.done()
    return rule


def _redirection(record: Record) -> Redirection:
    record.text("certainty", CERTAINTIES)
    kind = Redirected(record.text("id", [one.value for one in Redirected]) or Redirected.FORMAL_COMPLAINT)
    words = [record.text(name) for name in ("vi", "en", "explained_vi", "explained_en", "article")]
    rule = Redirection(kind, *words)
    record.done()
    return rule


def _choice(record: Record) -> Choice:
    choice = Choice(record.text("id"), record.text("vi"), record.text("en"))
    record.done()
    return choice
