"""The campaign of seed 002: five procedures of justice and labour at one desk, from 15/8 to 30/9."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from services.rating.invitations.domain import RatedDossier
from services.rating.invitations.store import add_invitation
from services.rating.surveys import commands, store, sweeps
from services.rating.surveys.domain import Group, Plan, Population
from services.rating.surveys.store import Survey
from services.rating.surveys.template import survey_data
from shared.messaging.event import Event
from shared.persistence.unit_of_work import UnitOfWork
from shared.runtime.clock import VIETNAM
from tests.support.service import ServiceUnderTest

DESK = "H12.31.01"
OTHER_DESK = "H12.32.01"
LEADER = "leader-1"
JUSTICE = {"1.004873": "Xác nhận tình trạng hôn nhân", "1.001193": "Khai sinh", "1.000894": "Kết hôn"}
LABOUR = {"1.001776": "Trợ cấp xã hội hằng tháng", "1.001731": "Hỗ trợ chi phí mai táng"}
RETURNED = {"1.004873": 60, "1.001193": 50, "1.000894": 40, "1.001776": 30, "1.001731": 20}
"""How many dossiers of each procedure were returned."""
FIRST, LAST = date(2026, 8, 15), date(2026, 9, 30)
START = datetime(2026, 8, 10, 8, 0, tzinfo=VIETNAM)

PLAN = Plan(
    name_vi="Chỉ số hài lòng về sự phục vụ hành chính năm 2026",
    name_en="Satisfaction with public services in 2026",
    population=Population.DOSSIERS,
    opens_on=FIRST,
    closes_on=LAST,
    procedures=tuple((JUSTICE | LABOUR).items()),
    agencies=(DESK,),
    returned_from=date(2026, 1, 1),
    returned_until=date(2026, 7, 31),
    sample=50,
    stratum_least=8,
    reminder_days=7,
    shown_least=5,
)
OPEN_PLAN = Plan(
    name_vi="Hài lòng về dịch vụ y tế, giáo dục công",
    name_en="Satisfaction with public health care and education",
    population=Population.OPEN,
    opens_on=FIRST,
    closes_on=LAST,
    shown_least=2,
    groups=(Group("Trạm y tế xã", "Health station"), Group("Trường tiểu học", "Primary school")),
)


def return_dossiers(rating: ServiceUnderTest, returned: Mapping[str, int] = RETURNED, desk: str = DESK) -> None:
    """Dossiers that were returned in March, as rating knows them."""
    at = datetime(2026, 3, 2, 9, 0, tzinfo=VIETNAM)

    def effect(work: UnitOfWork) -> None:
        for procedure, count in returned.items():
            for number in range(count):
                code = f"{desk}-{procedure}-{number:04d}"
                rated = RatedDossier(code, procedure, "civil-status", desk, "nd118-2025")
                add_invitation(work.connection, rated, code, at, at + timedelta(days=30))

    rating.store.run(effect)


def set_day(rating: ServiceUnderTest, day: date, hour: int = 9) -> None:
    """Sets the clock."""
    rating.hand.seconds = datetime(day.year, day.month, day.day, hour, tzinfo=VIETNAM).timestamp()


def make_survey(rating: ServiceUnderTest, plan: Plan = PLAN, organiser: str = DESK) -> str:
    """A draft with the questionnaire of SIPAS; returns its id."""
    start = survey_data().questionnaires[0]
    return rating.store.run(lambda work: commands.create_survey(work, organiser, plan, start, LEADER))


def open_it(rating: ServiceUnderTest, id: str, reach: frozenset[str] = frozenset({DESK})) -> None:
    """Opens a campaign."""
    rating.store.run(lambda work: commands.open_survey(work, commands.get_survey(work, id), reach, LEADER))


def opened(rating: ServiceUnderTest, plan: Plan = PLAN) -> str:
    """A campaign that takes answers, with its invitations sent; returns its id."""
    id = make_survey(rating, plan)
    open_it(rating, id)
    set_day(rating, FIRST)
    sweeps.send_due_invitations(rating.context)
    return id


def survey(rating: ServiceUnderTest, id: str) -> Survey:
    """A campaign as it is now."""
    with rating.store.read() as connection:
        found = store.find_survey(connection, id)
    assert found is not None
    return found


def invited(rating: ServiceUnderTest) -> list[Event]:
    """The invitations and reminders that were sent, in order."""
    return rating.emitted("survey.invited")


def filled(value: int = 5, **more: str) -> dict[str, str]:
    """A filled questionnaire of SIPAS with one value for every question with the scale."""
    questions = survey_data().questionnaires[0].questions
    scales = {f"q.{one.code}": str(value) for one in questions if one.kind == "scale"}
    return scales | {f"q.{name}": text for name, text in more.items()}
