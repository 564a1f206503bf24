"""What happens around some views, after their transaction has ended: reading is recorded, guessing and filing are counted."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from flask import Response, g, make_response

from services.intake.lookup import queries as lookup
from services.intake.lookup import throttle
from services.intake.problems import domain_errors_as_problems
from shared.observability.metrics import dossiers_received
from shared.web.authorization import principal
from shared.web.idempotency import REPLAYED
from shared.web.views import context

View = TypeVar("View", bound=Callable[..., Any])


def audited(action: str) -> Callable[[View], View]:
    """Records that personal data was read, before the answer leaves; no record, no answer.

    Args:
        action: ``read``, ``list``, ``receipt``, ``papers`` or ``portal``. The dossier is the path's `code`, or what the view puts into
            ``g.intake_read``.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def endpoint(**path: Any) -> Response:
            response = make_response(view(**path))
            reader, dossier = principal(), path.get("code") or g.get("intake_read", "")
            context().store.run(
                lambda work: throttle.record_reading(work.connection, reader, action, dossier, work.now)
            )
            return response

        return cast(View, endpoint)

    return decorate


def counting_wrong_tries(view: View) -> View:
    """Counts a look-up that found nothing, in a transaction of its own, since the look-up's own is over."""

    @wraps(view)
    def endpoint(**path: Any) -> Any:
        with domain_errors_as_problems():
            try:
                return view(**path)
            except lookup.WrongCodeOrSecret as error:
                lookup.count_wrong_try(context().store, error.code)
                raise

    return cast(View, endpoint)


def counting_received(view: View) -> View:
    """Counts a dossier as received once it is committed, and not again when the answer is repeated."""

    @wraps(view)
    def endpoint(**path: Any) -> Response:
        response: Response = view(**path)
        if REPLAYED not in response.headers:
            agency, field = g.intake_received
            dossiers_received.labels("intake", agency, field).inc()
        return response

    return cast(View, endpoint)
