"""Every route that shows officials a dossier, or a list of dossiers, records the reading."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from services.registry import SERVICE_NAMES, find_service
from shared.runtime.context import open_context
from shared.runtime.settings import read_settings
from shared.web.authorization import routes_with_roles
from shared.web.reading_audit import AUDITED_ROLES, audited_endpoints

SHOWS_NO_DOSSIER = {
    **{
        f"/{service}/reading-audit": "records its look-ups itself; the empty form shows nothing"
        for service in SERVICE_NAMES
    },
    "/routing/api/absences": "officials",
    "/routing/api/duties": "officials",
    "/routing/api/officials": "officials",
    "/routing/api/queues": "counts",
    "/routing/people": "officials",
    "/stats/api/dossiers": "codes alone",
    "/stats/api/summary": "counts",
}
"""GET routes for officials that need no record, each with the reason."""


@pytest.fixture(params=SERVICE_NAMES)
def app(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Flask]:
    """The app of each service."""
    settings = read_settings({"MOTCUA_MODE": "test", "MOTCUA_DATA": str(tmp_path)})
    context = open_context(request.param, settings)
    yield find_service(request.param).create_app(context)
    context.store.close()


def test_every_route_that_shows_officials_a_dossier_is_audited(app: Flask) -> None:
    audited = audited_endpoints(app)
    for_officials = {
        route.path: route.endpoint
        for route in routes_with_roles(app)
        if route.method == "GET" and not route.access.roles.isdisjoint(AUDITED_ROLES)
    }
    assert [
        path for path, endpoint in for_officials.items() if endpoint not in audited and path not in SHOWS_NO_DOSSIER
    ] == []
