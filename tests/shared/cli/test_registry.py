"""The list of services: complete, lazy, and the only one."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from services.registry import SERVICE_NAMES, SERVICES, Service, find_service
from shared.cli.service_argument import selected
from shared.persistence.migrations import head
from shared.runtime.context import open_context
from shared.runtime.settings import read_settings
from tests.support.processes import REPOSITORY

LOADED = """
import sys
{statement}
print(*sorted(name for name in sys.modules if name.partition(".")[0] in ("flask", "sqlalchemy", "services")))
"""


def loaded_by(statement: str) -> list[str]:
    """The modules of Flask, SQLAlchemy and the services that a new process has loaded after a statement."""
    done = subprocess.run(
        [sys.executable, "-c", LOADED.format(statement=statement)],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return done.stdout.split()


def test_every_folder_of_a_service_is_in_the_list() -> None:
    folders = {path.parent.name for path in (REPOSITORY / "services").glob("*/app.py")}
    assert folders == set(SERVICE_NAMES)
    assert len(set(SERVICE_NAMES)) == len(SERVICES)


@pytest.mark.parametrize("service", SERVICES, ids=SERVICE_NAMES)
def test_an_entry_leads_to_its_own_service(service: Service, tmp_path: Path) -> None:
    context = open_context(service.name, read_settings({"MOTCUA_MODE": "test", "MOTCUA_DATA": str(tmp_path)}))
    app = service.create_app(context)
    context.store.close()
    assert f"/{service.name}/health/live" in {rule.rule for rule in app.url_map.iter_rules()}
    handlers = service.worker_spec().handlers.values()
    assert {handler.__module__.split(".")[1] for handler in handlers} <= {service.name, "messaging"}
    migrations = service.migrations()
    assert migrations.location == REPOSITORY / "services" / service.name / "migrations"
    assert head(migrations.location)
    assert migrations.metadata.tables
    assert service.title_vi
    assert service.title_en


def test_the_list_loads_no_service() -> None:
    assert loaded_by("import services.registry") == ["services", "services.registry"]


def test_an_entry_loads_its_own_service_alone() -> None:
    loaded = loaded_by("from services.registry import find_service; find_service('stats').worker_spec()")
    assert {name.split(".")[1] for name in loaded if name.startswith("services.")} == {"registry", "stats"}


def test_services_are_selected_by_name() -> None:
    assert selected("all") == SERVICES
    assert selected("notify") == (find_service("notify"),)
    with pytest.raises(LookupError, match=r"kitchen.*intake, routing"):
        find_service("kitchen")
