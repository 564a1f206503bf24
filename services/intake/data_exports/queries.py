"""Which dossiers a person has a part in, and all that is kept about them, as one document."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from services.intake.applications import store as applications
from services.intake.applications.domain import Application
from services.intake.co_signing.store import consents
from services.intake.data_exports.redaction import Person
from services.intake.data_exports.sections import in_groups
from services.intake.dossiers import store as dossiers
from services.intake.dossiers.domain import Dossier
from services.intake.mine.domain import Part, part_of
from services.intake.online.store import drafts
from services.intake.online_supplements.store import supplements
from services.intake.uploads.store import uploads
from shared.uploads.upload import SHOWN, State

MOST = 1000
"""Dossiers of one export, the newest ones; whoever has more hears so."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A dossier or an application in which the person has a part.

    Attributes:
        code: of both.
        part: the person's.
        dossier: None while it is not received.
        application: None where it was received at the counter, or where the person had no part in it then.
    """

    code: str
    part: Part
    dossier: Dossier | None
    application: Application | None

    @property
    def filed(self) -> Sequence[Dossier | Application]:
        """The dossier, the application, or both."""
        return [one for one in (self.dossier, self.application) if one is not None]

    @property
    def began_at(self) -> datetime:
        """When it was filed, or received at the counter."""
        found = self.application or self.dossier
        assert found is not None
        return found.filed_at if isinstance(found, Application) else found.received_at


def entries_of(connection: Connection, person: Person, until: datetime) -> list[Entry]:
    """The dossiers and applications in which a person has a part, the newest first.

    Args:
        connection: any.
        person: known by the number of their identity document.
        until: later ones are not among them.
    """
    known = {one.code: one for one in dossiers.list_of_person(connection, person.id_number, MOST + 1)}
    filed = {one.code: one for one in applications.list_of_person(connection, person.id_number, MOST + 1)}
    received = _received(connection, [code for code in filed if code not in known])
    found = []
    for code in [*known, *(code for code in filed if code not in known and code not in received)]:
        dossier, application = known.get(code), filed.get(code)
        if application is not None and part_of(person, application) is None:
            application = None  # a correction has made the dossier theirs
        part = part_of(person, dossier) if dossier else part_of(person, application) if application else None
        if part is not None:
            found.append(Entry(code, part, dossier, application))
    in_time = [one for one in found if one.began_at <= until]
    return sorted(in_time, key=lambda one: (one.began_at, one.code), reverse=True)


def _received(connection: Connection, codes: Sequence[str]) -> set[str]:
    """Those of some applications that are dossiers; the person has no part in these any more."""
    c = dossiers.dossiers.c
    return {
        code
        for some in in_groups(codes)
        for code in connection.execute(select(c.code).where(c.code.in_(some))).scalars()
    }


def files_of(connection: Connection, places: Iterable[str]) -> dict[str, list[dict[str, Any]]]:
    """The files that were uploaded to drafts, applications and supplements.

    Args:
        connection: any.
        places: ids of drafts, submissions and supplements.

    Returns:
        place → id, name, kind, size and hash of each, and whether it may be opened.
    """
    c = uploads.c
    found: dict[str, list[dict[str, Any]]] = {}
    for some in in_groups(sorted(set(places))):
        chosen = select(c.draft, c.id, c.state, c.paper, c.name, c.media_type, c.size, c.sha256, c.changed_at)
        rows = connection.execute(chosen.where(c.draft.in_(some), c.state.in_(SHOWN)).order_by(c.changed_at, c.id))
        for row in rows:
            file = {name: row._mapping[name] for name in ("id", "name", "paper", "media_type", "size", "sha256")}
            found.setdefault(row.draft, []).append(
                file | {"uploaded_at": row.changed_at, "readable": row.state == State.KEPT}
            )
    return found


def supplements_of(connection: Connection, codes: Sequence[str]) -> dict[str, list[tuple[str, str]]]:
    """What was sent online to some dossiers: dossier → id and sender of each."""
    c = supplements.c
    found: dict[str, list[tuple[str, str]]] = {}
    for some in in_groups(codes):
        for code, id, owner in connection.execute(select(c.code, c.id, c.owner).where(c.code.in_(some))):
            found.setdefault(code, []).append((id, owner))
    return found


def drafts_of(connection: Connection, person: Person) -> list[dict[str, Any]]:
    """The person's drafts of online filing, with what they have answered as JSON."""
    c = drafts.c
    found = select(c.id, c.procedure, c.began_at, c.changed_at, c.submitted_at, c.answers)
    rows = connection.execute(found.where(c.owner == person.subject).order_by(c.began_at, c.id))
    return [dict(row._mapping) for row in rows]


def consents_of(connection: Connection, person: Person) -> list[dict[str, Any]]:
    """What others have asked the person to agree to."""
    c = consents.c
    found = select(c.asked_at, c.answered_at, c.state, c.identity).where(c.person == person.subject)
    return [dict(row._mapping) for row in connection.execute(found.order_by(c.asked_at, c.draft))]
