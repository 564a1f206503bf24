"""What staff read of issued papers, and where their contents come from."""

from __future__ import annotations

from sqlalchemy import Connection

from services.intake.documents import store
from services.intake.documents.contents import Source, issuable
from services.intake.documents.domain import DocumentType, IssuedDocument
from services.intake.dossiers.domain import Dossier
from services.intake.procedures.catalogue import Catalogue
from shared.runtime.context import Context


def source_of(connection: Connection, dossier: Dossier, catalogue: Catalogue, here: Context) -> Source:
    """All that papers about a dossier are made of."""
    return Source(
        connection=connection,
        dossier=dossier,
        procedure=catalogue.version(connection, dossier.procedure, dossier.procedure_version),
        agencies=here.reference.agencies,
        today=here.clock.now().date(),
        public_url=here.settings.public_url,
    )


def papers_of(source: Source) -> tuple[list[IssuedDocument], list[DocumentType]]:
    """The papers issued about a dossier, and those that may be issued now."""
    return store.documents_of(source.connection, source.dossier.code), issuable(source)
