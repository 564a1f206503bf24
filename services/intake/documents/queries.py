"""What staff and citizens read of issued papers, and where their contents come from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from services.intake.applications import store as applications
from services.intake.applications.domain import Application
from services.intake.documents import store
from services.intake.documents.builders import issuable
from services.intake.documents.contents import Source
from services.intake.documents.domain import DocumentType, IssuedDocument
from services.intake.dossiers import store as dossiers
from services.intake.dossiers.domain import Dossier, UnknownDossier
from services.intake.procedures.catalogue import Catalogue
from shared.runtime.context import Context


@dataclass(frozen=True, slots=True)
class Papers:
    """A dossier's papers: those issued, and the kinds that may be issued now."""

    issued: Sequence[IssuedDocument]
    possible: Sequence[DocumentType]


def source_of(connection: Connection, subject: Dossier | Application, catalogue: Catalogue, here: Context) -> Source:
    """All that papers about a dossier or an application are made of."""
    return Source(
        connection=connection,
        subject=subject,
        procedure=catalogue.version(connection, subject.procedure, subject.procedure_version),
        agencies=here.reference.agencies,
        today=here.clock.now().date(),
        public_url=here.settings.public_url,
    )


def papers_of(source: Source) -> Papers:
    """The papers issued about a dossier or application, and those that may be issued now."""
    issued = store.documents_of(source.connection, source.subject.code)
    there = {(one.kind, one.cause) for one in issued if one.valid and one.type.states_an_act}
    possible = [kind for kind, cause in issuable(source) if (kind, cause) not in there]
    return Papers(issued, possible)


def find_subject(connection: Connection, code: str) -> Dossier | Application:
    """A dossier, or the application that is none.

    Raises:
        UnknownDossier: there is neither.
    """
    found = dossiers.find(connection, code) or applications.find(connection, code)
    if found is None:
        raise UnknownDossier(code)
    return found
