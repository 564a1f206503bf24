"""Prints an issued paper: the same version, data and time give the same file, today and in ten years."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlencode

import orjson
from sqlalchemy import Connection

from services.intake.documents import store
from services.intake.documents.domain import DocumentType, ErasedDocument, IssuedDocument, written_check_code
from shared.documents.qr import qr_svg
from shared.documents.typesetting import Template, render_pdf
from shared.persistence.store import Store
from shared.runtime.clock import VIETNAM

MARK, VOID = "mark", "void"
"""Fields of a copy: that it is a reprint; that the paper is no longer valid."""

log = logging.getLogger(__name__)


def verify_url(public_url: str, document: IssuedDocument) -> str:
    """Where the QR code of a paper leads: to the page that says whether it was issued."""
    query = urlencode({"code": document.check_code})
    return f"{public_url}/intake/verify/{quote(document.number)}?{query}"


def print_document(
    database: Store, public_url: str, document: IssuedDocument, once: Mapping[str, str] | None = None
) -> bytes:
    """The PDF of an issued paper. No transaction is open while it is made.

    Args:
        database: intake's.
        public_url: the platform's address.
        document: as read.
        once: fields of this copy alone, which are not kept: the look-up secret on the citizen's copy of the receipt, :func:`reprint`.

    Raises:
        ErasedDocument: its contents were erased.
    """
    with database.read() as connection:
        template = _template(connection, document)
    more = {**_replaced(document), **(once or {})}
    file = render_pdf(template, page_data(document, public_url) | more, document.issued_at)
    if not more:
        _compare(database, document, hashlib.sha256(file).hexdigest())
    return file


def reprint(now: datetime) -> dict[str, str]:
    """What a copy that staff print later says of itself."""
    return {MARK: f"Bản in lại, {now.astimezone(VIETNAM):%H:%M ngày %d/%m/%Y}"}


def _replaced(document: IssuedDocument) -> dict[str, str]:
    if document.replaced_at is None:
        return {}
    day = f"{document.replaced_at.astimezone(VIETNAM):%d/%m/%Y}"
    return {VOID: f"Không còn hiệu lực: đã được thay thế bằng số {document.replaced_by} ngày {day}"}


def page_data(document: IssuedDocument, public_url: str) -> dict[str, Any]:
    """All that the template of a paper shows.

    Raises:
        ErasedDocument: its contents were erased.
    """
    if document.contents is None:
        raise ErasedDocument(document.number)
    kind = DocumentType(document.kind)
    contents: dict[str, Any] = orjson.loads(document.contents)
    return contents | {
        "title": kind.vi,
        "basis": kind.basis,
        "number": document.number,
        "code": document.printed_code,
        "day": f"{document.issued_at.astimezone(VIETNAM):%d/%m/%Y}",
        "check_code": written_check_code(document.check_code),
        "verify_url": f"{public_url}/intake/verify",
        "verify_qr": qr_svg(verify_url(public_url, document)),
    }


def _template(connection: Connection, document: IssuedDocument) -> Template:
    return Template(orjson.loads(store.template_sources(connection, document.template)))


def _compare(database: Store, document: IssuedDocument, sha256: str) -> None:
    if document.sha256 is None:
        database.run(lambda work: store.record_hash(work.connection, document, sha256))
    elif document.sha256 != sha256:
        # The contents are the same: the typesetter is a newer one, or the platform has another address.
        log.warning("a reprint of %s differs from the file that was first printed", document.number)
