"""The tables of campaigns: the campaign itself with its questions, and its strata."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, Column, Connection, Date, Index, Integer, String, Table, select, update

from services.rating.database import metadata
from services.rating.surveys.answer_store import texts as text_table
from services.rating.surveys.domain import Group, Plan, Population, State
from services.rating.surveys.questions import Question, question_json, question_of
from services.rating.surveys.results import Results, Stratum, results_from
from shared.persistence.sql import Moment

surveys = Table(
    "survey",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("organiser", String(100), nullable=False),
    Column("state", String(10), nullable=False),
    Column("opens_on", Date, nullable=False),
    Column("closes_on", Date, nullable=False),
    Column("plan", JSON, nullable=False),
    Column("questions", JSON, nullable=False),
    Column("template", String(100), nullable=False),  # the questionnaire from which it started
    Column("created_at", Moment, nullable=False),
    Column("created_by", String(200), nullable=False),
    Column("opened_at", Moment),
    Column("opened_by", String(200)),
    Column("scope", JSON),  # codes of the agencies that were drawn from
    Column("seed", String(32)),
    Column("frame_digest", String(64)),
    Column("closed_at", Moment),
    Column("closed_by", String(200)),  # empty for the sweep
    Column("results", JSON),
    Column("published_at", Moment),
    Column("published_by", String(200)),
    Index("ix_survey_organiser", "organiser", "created_at"),
    Index("ix_survey_state", "state", "closes_on"),
)
strata = Table(
    "survey_stratum",
    metadata,
    Column("survey", String(36), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("procedure", String(50), nullable=False),
    Column("agency", String(100), nullable=False),
    Column("vi", String(200), nullable=False),
    Column("en", String(200), nullable=False),
    Column("population", Integer, nullable=False),
    Column("quota", Integer, nullable=False),
)
_C = surveys.c


@dataclass(frozen=True, slots=True)
class Survey:
    """A campaign.

    Attributes:
        id: given at creation.
        organiser: code of the agency that holds it.
        state: see :class:`services.rating.surveys.domain.State`.
        plan: what its organiser decided.
        questions: in order.
        template: name and day of the questionnaire from which it started.
        created_at, created_by, opened_at, opened_by, closed_at, closed_by, published_at, published_by: business time and subject of
            each act; `closed_by` is empty where the last day was over.
        scope: the agencies that were drawn from.
        seed: of the draw; empty without one.
        frame_digest: of all dossiers that could be drawn.
        results: once it is closed.
    """

    id: str
    organiser: str
    state: State
    plan: Plan
    questions: tuple[Question, ...]
    template: str
    created_at: datetime
    created_by: str
    opened_at: datetime | None
    opened_by: str
    scope: tuple[str, ...]
    seed: str
    frame_digest: str
    closed_at: datetime | None
    closed_by: str
    results: Results | None
    published_at: datetime | None
    published_by: str


def add_survey(connection: Connection, survey: Mapping[str, Any], plan: Plan, questions: Sequence[Question]) -> None:
    """Writes a draft.

    Args:
        connection: inside a transaction.
        survey: ``id``, ``organiser``, ``template``, ``created_at``, ``created_by``.
        plan: of the campaign.
        questions: of the campaign.
    """
    row = dict(survey) | plan_row(plan) | {"questions": [question_json(one) for one in questions]}
    connection.execute(surveys.insert(), row | {"state": str(State.DRAFT)})


def plan_row(plan: Plan) -> dict[str, Any]:
    """The columns that hold a plan."""
    stored = asdict(plan)
    for name, value in stored.items():
        if isinstance(value, date):
            stored[name] = value.isoformat()
    return {"plan": stored, "opens_on": plan.opens_on, "closes_on": plan.closes_on}


def _plan_of(stored: Mapping[str, Any]) -> Plan:
    days = {name: date.fromisoformat(stored[name]) for name in ("opens_on", "closes_on")}
    returned = {
        name: date.fromisoformat(stored[name]) if stored[name] else None for name in ("returned_from", "returned_until")
    }
    lists = {
        "procedures": tuple((code, name) for code, name in stored["procedures"]),
        "agencies": tuple(stored["agencies"]),
    }
    groups = tuple(Group(**one) for one in stored["groups"])
    known = dict(stored) | days | returned | lists | {"groups": groups}
    return Plan(**known | {"population": Population(stored["population"])})


def _survey(row: Any) -> Survey:
    values = {one.name: getattr(row, one.name) for one in fields(Survey)}
    texts = {name: values[name] or "" for name in ("opened_by", "seed", "frame_digest", "closed_by", "published_by")}
    return Survey(
        **values
        | texts
        | {
            "state": State(row.state),
            "plan": _plan_of(row.plan),
            "questions": tuple(question_of(one) for one in row.questions),
            "scope": tuple(row.scope or ()),
            "results": results_from(row.results) if row.results else None,
        }
    )


def find_survey(connection: Connection, id: str, *, shared_lock: bool = False) -> Survey | None:
    """A campaign; None if there is none of this id.

    Args:
        connection: reads.
        id: of the campaign.
        shared_lock: keeps its state as it is until the transaction ends; several transactions may hold the lock at a time.
    """
    statement = select(surveys).where(_C.id == id)
    row = connection.execute(statement.with_for_update(read=True) if shared_lock else statement).first()
    return None if row is None else _survey(row)


def surveys_of(connection: Connection, organisers: Collection[str] | None, limit: int) -> list[Survey]:
    """The campaigns of some organisers, the newest first.

    Args:
        connection: reads.
        organisers: codes of agencies; None for all.
        limit: how many at most.
    """
    statement = select(surveys).order_by(_C.created_at.desc(), _C.id).limit(limit)
    if organisers is not None:
        statement = statement.where(_C.organiser.in_(sorted(organisers)))
    return [_survey(row) for row in connection.execute(statement)]


def surveys_in(connection: Connection, state: State, limit: int = 200) -> list[Survey]:
    """The campaigns in a state, those that end or ended last first."""
    statement = select(surveys).where(_C.state == str(state)).order_by(_C.closes_on.desc(), _C.id).limit(limit)
    return [_survey(row) for row in connection.execute(statement)]


def surveys_closed_before(connection: Connection, moment: datetime) -> list[str]:
    """The ids of the campaigns that were closed before a moment and may still have texts."""
    has_texts = select(text_table.c.id).where(text_table.c.survey == _C.id).exists()
    return list(connection.execute(select(_C.id).where(_C.closed_at < moment, has_texts).order_by(_C.id)).scalars())


def change_survey(connection: Connection, id: str, present: State, values: Mapping[str, Any]) -> bool:
    """Changes a campaign that is in a state, in one statement; false if it is not, or not any more."""
    changed = update(surveys).where(_C.id == id, _C.state == str(present)).values(**values)
    return connection.execute(changed).rowcount == 1


def add_strata(connection: Connection, survey: str, rows: Sequence[Stratum]) -> None:
    """Writes the strata of a campaign."""
    connection.execute(strata.insert(), [{"survey": survey} | asdict(row) for row in rows])


def strata_of(connection: Connection, survey: str) -> list[Stratum]:
    """The strata of a campaign, by number."""
    columns = [strata.c[one.name] for one in fields(Stratum)]
    statement = select(*columns).where(strata.c.survey == survey).order_by(strata.c.number)
    return [Stratum(*row) for row in connection.execute(statement)]
