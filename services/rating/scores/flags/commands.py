"""What changes flags: the search finds them, a person decides. A decision appends corrections; what was given is kept."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import partial

from sqlalchemy import Connection

from services.rating.ratings.corrections import correct_rating
from services.rating.ratings.domain import OwnWork
from services.rating.scores.flags import store
from services.rating.scores.flags.domain import (
    DecidedMeanwhile,
    Finding,
    Kind,
    Outcome,
    jumps,
    outliers,
    streaks,
)
from services.rating.scores.flags.queries import (
    counted_scores,
    counter_ratings,
    is_about,
    ratings_in,
    satisfied_by_official,
)
from services.rating.scores.flags.rules import flag_rules
from services.rating.scores.periods import MONTH, WEEK, before, period_of
from services.rating.scores.rules import score_rules
from shared.persistence.unit_of_work import UnitOfWork
from shared.runtime.clock import VIETNAM
from shared.runtime.context import Context
from shared.runtime.workers.worker_spec import Sweep

EVERY = timedelta(hours=1)


def find_flags(context: Context) -> int:
    """Looks for unusual ratings: streaks of the last days, jumps of the last week, outliers of the last month. Returns how many are new."""
    now = context.clock.now()
    today = now.astimezone(VIETNAM).date()
    with context.store.read() as connection:
        found = [*_streaks(connection, now, today), *_jumps(connection, today), *_outliers(connection, today)]
    return sum(context.store.run(partial(_record, one)) for one in found)


SWEEP = Sweep("rating_flags", EVERY, find_flags)


def _record(found: Finding, work: UnitOfWork) -> bool:
    """Keeps a finding. A streak that has grown since it was found is the same flag, until somebody has decided about it.

    Returns:
        whether it is new.
    """
    connection = work.connection
    known = store.flags_with(connection, found.ratings, found.kind)
    if not known:
        is_new = store.add_flag(connection, found, work.now)
        store.add_ratings(connection, found.id, found.ratings)
        return is_new
    first = known[next(id_ for id_ in found.ratings if id_ in known)]
    store.lock_flag(connection, first)
    further = tuple(id_ for id_ in found.ratings if id_ not in known)
    if further and not store.decisions_of(connection, first):
        store.widen(connection, first, found)
        store.add_ratings(connection, first, further)
    elif len(further) >= flag_rules(work.now.astimezone(VIETNAM).date()).streak_ratings:
        # it went on after the decision: what came then is a finding of its own
        numbers = {**found.numbers, "ratings": len(further)}
        return _record(replace(found, first=further[0], ratings=further, numbers=numbers), work)
    return False


def decide(work: UnitOfWork, flag_id: str, outcome: Outcome, reason: str, actor: str, seen: int) -> None:
    """Says whether a flag's ratings are unusual, and whether they count. It may be decided again later.

    Args:
        work: the transaction.
        flag_id: of a flag that the actor may see.
        outcome: what is decided.
        reason: in words, without personal data.
        actor: subject of who decides.
        seen: how many decisions the actor's page has shown.

    Raises:
        services.rating.scores.flags.domain.UnknownFlag: there is none.
        services.rating.ratings.domain.OwnWork: the flag is about ratings of the actor.
        DecidedMeanwhile: somebody else has decided since.
    """
    connection = work.connection
    flag = store.lock_flag(connection, flag_id)
    earlier = store.decisions_of(connection, flag_id)
    if is_about(connection, flag, actor):
        raise OwnWork
    if len(earlier) != seen:
        raise DecidedMeanwhile
    counted = not earlier or earlier[-1].outcome.counts
    store.add_decision(connection, flag_id, store.Decision(seen + 1, outcome, reason, actor, work.now))
    if counted and not outcome.counts:
        if flag.official:
            store.add_ratings(connection, flag_id, ratings_in(connection, flag))
        _take_out(work, flag_id, reason, actor)
    elif not counted and outcome.counts:
        _put_back(work, flag_id, reason, actor)


def _take_out(work: UnitOfWork, flag: str, reason: str, actor: str) -> None:
    for rating, score in sorted(counted_scores(work.connection, list(store.ratings_of(work.connection, flag))).items()):
        store.set_score_before(work.connection, flag, rating, score)
        correct_rating(work, rating, None, reason, actor)


def _put_back(work: UnitOfWork, flag: str, reason: str, actor: str) -> None:
    """Lets ratings count again that this flag took out, but for those that another flag excludes too."""
    taken = {rating: score for rating, score in store.ratings_of(work.connection, flag).items() if score is not None}
    excluded = store.others_that_exclude(work.connection, flag, list(taken))
    for rating, score in taken.items():
        store.set_score_before(work.connection, flag, rating, None)
        if rating in excluded:
            store.set_score_before(work.connection, excluded[rating], rating, score)
        else:
            correct_rating(work, rating, score, reason, actor)


def _streaks(connection: Connection, now: datetime, today: date) -> Iterator[Finding]:
    rules = flag_rules(today)
    return streaks(counter_ratings(connection, now - timedelta(days=rules.look_back_days)), rules)


def _jumps(connection: Connection, today: date) -> Sequence[Finding]:
    rules, numbers = flag_rules(today), score_rules(today)
    week = before(period_of(WEEK, today))
    since = week.begins - timedelta(weeks=rules.jump_weeks)
    weeks = satisfied_by_official(connection, since, week.begins, week.ends, numbers.satisfied_from)
    return [
        Finding(Kind.JUMP, agency, None, official, week.begins, week.ends, week.key, compared)
        for agency, official, compared in jumps(weeks, rules, numbers.confidence_z)
    ]


def _outliers(connection: Connection, today: date) -> Sequence[Finding]:
    rules, numbers = flag_rules(today), score_rules(today)
    month = before(period_of(MONTH, today))
    found = satisfied_by_official(connection, month.begins, month.begins, month.ends, numbers.satisfied_from)
    of_month = {who: new for who, (new, _) in found.items()}
    return [
        Finding(Kind.OUTLIER, agency, None, official, month.begins, month.ends, month.key, compared)
        for agency, official, compared in outliers(of_month, rules, numbers.confidence_z)
    ]
