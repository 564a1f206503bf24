"""What time triggers about keys: the operators are told in the log, once a day, which agencies need another one; old counts are deleted."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from functools import partial

from services.routing.agency_keys import store
from services.routing.agency_keys.domain import AgencyKey, relied_on, warning_due
from services.routing.agency_keys.rules import rules_on
from services.routing.agency_keys.throttle import delete_old_failures
from shared.persistence.unit_of_work import UnitOfWork
from shared.runtime.context import Context
from shared.runtime.workers.worker_spec import Sweep

log = logging.getLogger(__name__)


def warn_of_ends(context: Context) -> int:
    """Logs the keys that agencies rely on and that end soon or have ended, each once a day; returns how many."""
    now = context.clock.wall()
    rules = rules_on(now.date())
    with context.store.read() as connection:
        found = [relied_on(keys) for keys in store.not_revoked(connection).values()]
    due = [key for key in found if key is not None and warning_due(key, rules, now)]
    return sum(context.store.run(partial(_warn, key=key, now=now)) for key in due)


def _warn(work: UnitOfWork, key: AgencyKey, now: datetime) -> bool:
    if not store.note_warning(work.connection, key, now.date()):
        return False
    work.after_commit(lambda: log.warning(_sentence(key, now)))
    return True


def _sentence(key: AgencyKey, now: datetime) -> str:
    ends = f"{key.expires_at:%Y-%m-%d %H:%M}"
    remedy = f"motcua agency key new {key.agency}"
    left = key.expires_at - now
    if left <= timedelta(0):
        return f"the key {key.id} of agency {key.agency} expired at {ends}, and no other is used: {remedy}"
    span = f"{left.days} days" if left >= timedelta(days=2) else f"{int(left.total_seconds() // 3600)} hours"
    return f"the key {key.id} of agency {key.agency} expires in {span}, at {ends}: {remedy}"


KEYS_ENDING = Sweep("keys of agencies", timedelta(hours=1), warn_of_ends)
KEY_FAILURES = Sweep("wrong keys of agencies", timedelta(hours=1), delete_old_failures)
