"""The record of who read personal data (nhật ký truy cập): table, statement and the decorator of views."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from flask import Response, g, make_response
from sqlalchemy import Column, Index, String, Table

from services.intake.database import metadata
from shared.auth import Principal
from shared.persistence.sql import BigId, Moment
from shared.persistence.unit_of_work import UnitOfWork
from shared.web.authorization import principal
from shared.web.views import context

View = TypeVar("View", bound=Callable[..., Any])

audits = Table(
    "audit",  # which member of staff or program has read what
    metadata,
    Column("id", BigId, primary_key=True, autoincrement=True),
    Column("subject", String(200), nullable=False),
    Column("role", String(100), nullable=False),
    Column("agency", String(50), nullable=False),
    Column("action", String(20), nullable=False),
    Column("dossier", String(60), nullable=False),
    Column("at", Moment, nullable=False),
    Index("ix_audit_dossier", "dossier", "at"),
)

_INSERT = audits.insert()


def audited(action: str) -> Callable[[View], View]:
    """Records that personal data was read, in a transaction after the view's own; without the record no answer leaves.

    Args:
        action: ``read``, ``list``, ``receipt``, ``papers`` or ``portal``. The dossier is the path's `code`, or what the view puts
            into ``g.intake_audited_dossier``; empty for a list.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def endpoint(**path: Any) -> Response:
            response = make_response(view(**path))
            reader, dossier = principal(), path.get("code") or g.get("intake_audited_dossier", "")

            def record(work: UnitOfWork) -> None:
                record_reading(work, reader, action, dossier)

            context().store.run(record)
            return response

        return cast(View, endpoint)

    return decorate


def record_reading(work: UnitOfWork, reader: Principal, action: str, dossier: str) -> None:
    """Records who has read personal data.

    Args:
        work: a transaction of its own, after the one that has read.
        reader: the member of staff or the agency's program.
        action: as for :func:`audited`.
        dossier: its code; empty for a list.
    """
    row = {
        "subject": reader.subject,
        "role": " ".join(sorted(reader.roles)),
        "agency": reader.agency,
        "action": action,
        "dossier": dossier,
        "at": work.now,
    }
    work.connection.execute(_INSERT, row)
