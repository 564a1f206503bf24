"""Tables as answers of a page's links: a file with a name."""

from __future__ import annotations

from flask import Response, make_response

from services.stats.exports import MEDIA_TYPES, Table, csv_of, xlsx_of

ENDINGS = tuple(MEDIA_TYPES)
"""The kinds of files that a page offers; a route names them as ``<any(csv, xlsx):ending>``."""


def download(name: str, ending: str, *tables: Table) -> Response:
    """Tables as a file that the browser saves.

    Args:
        name: of the file without its ending, of plain letters, digits and dashes.
        ending: one of :data:`ENDINGS`; a CSV file holds the first table alone.
        tables: at least one.
    """
    response = make_response(csv_of(tables[0]) if ending == "csv" else xlsx_of(*tables))
    response.headers["Content-Type"] = MEDIA_TYPES[ending]
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.{ending}"'
    return response
