"""Surveys in each state, as pages show them: a draft, two that take answers, and one that is published."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from services.rating.invitations.domain import RatedDossier
from services.rating.invitations.store import add_invitation
from services.rating.surveys import answer_store, commands
from services.rating.surveys.answering import BY_INVITATION, answer_invited
from services.rating.surveys.domain import Group, Plan, Population
from services.rating.surveys.template import survey_data
from services.rating.surveys.tokens import token_hash
from shared.persistence.unit_of_work import UnitOfWork
from shared.runtime.context import Context
from tests.journeys.actors import DESK

LEADER = "leader-1"


@dataclass(frozen=True)
class Surveys:
    """Their ids, and the token of an invitation that is open."""

    draft: str
    running: str
    public: str
    published: str
    token: str

    def values(self, rule: str) -> dict[str, str]:
        """The values of the parts of a route."""
        return {"survey": self.of(rule)[0], "survey_token": self.token, "stratum": "1"}

    def of(self, rule: str) -> list[str]:
        """The campaigns with which a route shows what it is for."""
        if rule == "/rating/surveys/<survey>":
            return [self.draft, self.running, self.public, self.published]
        if rule.startswith("/rating/survey-results/") or rule.endswith("/texts"):
            return [self.published]
        if rule.startswith("/rating/survey/") or rule.endswith("/links"):
            return [self.public]
        if rule.endswith("/questions"):
            return [self.draft, self.running]
        return [self.draft if rule.endswith("/plan") else self.running]


def make_surveys(context: Context) -> Surveys:
    """Makes them. Nobody is told: the dossiers that are drawn have no contact."""
    return context.store.run(_make)


def _make(work: UnitOfWork) -> Surveys:
    today = work.now.date()
    before = work.now - timedelta(days=20)
    for number in range(8):
        rated = RatedDossier(f"{DESK}-S-{number}", "1.004873", "civil-status", DESK, "nd118-2025")
        add_invitation(work.connection, rated, f"survey sample {number}", before, before + timedelta(days=30))
    drawn = Plan(
        "Chỉ số hài lòng về sự phục vụ hành chính",
        "Satisfaction with public services",
        Population.DOSSIERS,
        today,
        today + timedelta(days=30),
        procedures=(("1.004873", "Xác nhận tình trạng hôn nhân"),),
        returned_from=today - timedelta(days=60),
        returned_until=today - timedelta(days=1),
        sample=4,
        stratum_least=1,
        shown_least=2,
    )
    groups = (Group("Trạm y tế xã", "Health station"), Group("Trường tiểu học", "Primary school"))
    anybody = Plan(
        "Hài lòng về dịch vụ y tế, giáo dục công",
        "Satisfaction with public health care and education",
        Population.OPEN,
        today,
        today + timedelta(days=30),
        shown_least=2,
        groups=groups,
    )
    draft = _draft(work, drawn)
    running, published = (_opened(work, drawn, first) for first in ("1", "2"))
    public = _draft(work, anybody)
    commands.open_survey(work, commands.get_survey(work, public), {DESK}, LEADER)
    scales = {f"q.{one.code}": "4" for one in survey_data().questionnaires[0].questions if one.kind == "scale"}
    for number in (1, 2, 3):
        answer_invited(work, f"2{number:019d}", scales | {"q.trips": "one", "q.wish": "Nhanh hơn."}, BY_INVITATION)
    commands.close_survey(work, commands.get_survey(work, published), LEADER)
    commands.publish_survey(work, commands.get_survey(work, published), LEADER)
    return Surveys(draft, running, public, published, f"1{1:019d}")


def _draft(work: UnitOfWork, plan: Plan) -> str:
    return commands.create_survey(work, DESK, plan, survey_data().questionnaires[0], LEADER)


def _opened(work: UnitOfWork, plan: Plan, first: str) -> str:
    """A campaign whose invitations are sent, with tokens that begin with a digit."""
    id = _draft(work, plan)
    commands.open_survey(work, commands.get_survey(work, id), {DESK}, LEADER)
    for number, dossier in enumerate(answer_store.to_invite(work.connection, id, 10), start=1):
        hashed = token_hash(f"{first}{number:019d}", work.hash_key)
        answer_store.mark_invited(work.connection, id, dossier, hashed, work.now)
    return id
