"""What officials read of a campaign: how far each stratum is, and whether its draw can be repeated."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from services.rating.surveys import answer_store, store
from services.rating.surveys.commands import returned_between
from services.rating.surveys.domain import Population
from services.rating.surveys.results import Stratum
from services.rating.surveys.sampling import draw, frame_digest
from services.rating.surveys.store import Survey

LAGS_BELOW = 0.75
"""A stratum lags if its share of answers is below this part of the whole campaign's."""


@dataclass(frozen=True, slots=True)
class StratumProgress:
    """How far a stratum is.

    Attributes:
        stratum: the stratum.
        invited: how many invitations were sent.
        used: how many of them were answered.
        answers: how many answers it has, also by people who were not invited.
        lags: whether its share of answers is far below that of the whole campaign.
        enough: whether it has the least answers for which a result is shown.
    """

    stratum: Stratum
    invited: int
    used: int
    answers: int
    lags: bool
    enough: bool

    @property
    def share(self) -> int | None:
        """Answers in per cent of the quota; None without a quota."""
        return round(100 * self.answers / self.stratum.quota) if self.stratum.quota else None


def progress(connection: Connection, survey: Survey) -> list[StratumProgress]:
    """How far each stratum of a campaign is, by number."""
    return progress_of(
        store.strata_of(connection, survey.id),
        answer_store.invited_counts(connection, survey.id),
        answer_store.answer_counts(connection, survey.id),
        survey.plan.shown_least,
    )


def progress_of(
    strata: Sequence[Stratum], invited: Mapping[int, tuple[int, int]], answers: Mapping[int, int], shown_least: int
) -> list[StratumProgress]:
    """How far strata are.

    Args:
        strata: of the campaign.
        invited: stratum → how many invitations were sent, and how many were answered.
        answers: stratum → how many answers it has.
        shown_least: the least answers for which a result is shown.
    """
    quota, given = sum(one.quota for one in strata), sum(answers.values())

    def lags(one: Stratum) -> bool:
        return one.quota > 0 and answers.get(one.number, 0) * quota < LAGS_BELOW * given * one.quota

    return [
        StratumProgress(
            one,
            *invited.get(one.number, (0, 0)),
            answers=answers.get(one.number, 0),
            lags=lags(one),
            enough=answers.get(one.number, 0) >= shown_least,
        )
        for one in strata
    ]


@dataclass(frozen=True, slots=True)
class DrawCheck:
    """What comes out when a draw is repeated.

    Attributes:
        dossiers: how many could be drawn.
        drawn: how many were.
        same_frame: whether they could be drawn from the same dossiers as then.
        same_draw: whether the same were drawn.
    """

    dossiers: int
    drawn: int
    same_frame: bool
    same_draw: bool


def repeat_draw(connection: Connection, survey: Survey) -> DrawCheck | None:
    """Repeats the draw of a campaign by its recorded seed and compares; None for a campaign without a draw."""
    if survey.plan.population is not Population.DOSSIERS or survey.opened_at is None:
        return None
    found = answer_store.frame(
        connection, survey.plan.procedure_codes, survey.scope, returned_between(survey.plan), survey.opened_at
    )
    every = [dossier for dossiers in found.values() for dossier in dossiers]
    again = {
        dossier
        for one in store.strata_of(connection, survey.id)
        for dossier in draw(found.get((one.procedure, one.agency), []), one.quota, survey.seed)
    }
    drawn = answer_store.drawn_dossiers(connection, survey.id)
    return DrawCheck(len(every), len(drawn), frame_digest(every) == survey.frame_digest, again == drawn)
