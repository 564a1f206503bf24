"""The services of the platform, in the order in which they are shown and started.

This is the only list of services. The command line reads it; no service and nothing else in `shared` may import it (import-linter checks
this). Every function imports its service when it is called, so a process loads only the services that it runs.
To add a service, add its folder and an entry here; `tests/test_sixth_service.py` names the deployment files that need it too.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask
    from sqlalchemy import MetaData

    from shared.runtime.context import Context
    from shared.runtime.workers.worker_spec import WorkerSpec


@dataclass(frozen=True, slots=True)
class Migrations:
    """The history of a service's tables.

    Attributes:
        location: the folder of its migration scripts.
        metadata: all its tables as they are now, without those of the bus.
    """

    location: Path
    metadata: MetaData


@dataclass(frozen=True, slots=True)
class Service:
    """One service of the platform.

    Attributes:
        name: its folder, the first part of its URLs and the name of its database.
        title_vi: what it does, in Vietnamese.
        title_en: the same in English.
        create_app: makes its web app.
        worker_spec: its event handlers and sweeps.
        migrations: the history of its tables.
        access_rules: its module of access rules.
        hashes_secrets: whether it keeps keyed hashes, of citizens' secrets or of guessers' addresses, and so needs their key.
        keeps_personal_data: whether it keeps personal data, and so needs the keys that encrypt them.
    """

    name: str
    title_vi: str
    title_en: str
    create_app: Callable[[Context], Flask]
    worker_spec: Callable[[], WorkerSpec]
    migrations: Callable[[], Migrations]
    access_rules: Callable[[], ModuleType]
    hashes_secrets: bool = False
    keeps_personal_data: bool = False


def _intake_app(context: Context) -> Flask:
    from services.intake.app import create_app

    return create_app(context)


def _intake_worker() -> WorkerSpec:
    from services.intake.worker import WORKER

    return WORKER


def _intake_migrations() -> Migrations:
    from services.intake import migrations

    return Migrations(Path(migrations.__file__).parent, migrations.metadata)


def _intake_access() -> ModuleType:
    from services.intake import access

    return access


def _routing_app(context: Context) -> Flask:
    from services.routing.app import create_app

    return create_app(context)


def _routing_worker() -> WorkerSpec:
    from services.routing.worker import WORKER

    return WORKER


def _routing_migrations() -> Migrations:
    from services.routing import migrations

    return Migrations(Path(migrations.__file__).parent, migrations.metadata)


def _routing_access() -> ModuleType:
    from services.routing import access

    return access


def _notify_app(context: Context) -> Flask:
    from services.notify.app import create_app

    return create_app(context)


def _notify_worker() -> WorkerSpec:
    from services.notify.worker import WORKER

    return WORKER


def _notify_migrations() -> Migrations:
    from services.notify import migrations

    return Migrations(Path(migrations.__file__).parent, migrations.metadata)


def _notify_access() -> ModuleType:
    from services.notify import access

    return access


def _rating_app(context: Context) -> Flask:
    from services.rating.app import create_app

    return create_app(context)


def _rating_worker() -> WorkerSpec:
    from services.rating.worker import WORKER

    return WORKER


def _rating_migrations() -> Migrations:
    from services.rating import migrations

    return Migrations(Path(migrations.__file__).parent, migrations.metadata)


def _rating_access() -> ModuleType:
    from services.rating import access

    return access


def _stats_app(context: Context) -> Flask:
    from services.stats.app import create_app

    return create_app(context)


def _stats_worker() -> WorkerSpec:
    from services.stats.worker import WORKER

    return WORKER


def _stats_migrations() -> Migrations:
    from services.stats import migrations

    return Migrations(Path(migrations.__file__).parent, migrations.metadata)


def _stats_access() -> ModuleType:
    from services.stats import access

    return access


SERVICES = (
    Service(
        "intake",
        "Tiếp nhận và trả kết quả",
        "Filing, receipts, fees and results",
        _intake_app,
        _intake_worker,
        _intake_migrations,
        _intake_access,
        hashes_secrets=True,
        keeps_personal_data=True,
    ),
    Service(
        "routing",
        "Luân chuyển và xử lý",
        "The way through the agencies and the legal deadlines",
        _routing_app,
        _routing_worker,
        _routing_migrations,
        _routing_access,
        hashes_secrets=True,
    ),
    Service(
        "notify",
        "Thông báo cho người dân",
        "Messages to citizens",
        _notify_app,
        _notify_worker,
        _notify_migrations,
        _notify_access,
        keeps_personal_data=True,
    ),
    Service(
        "rating",
        "Đánh giá của người dân",
        "Citizens' ratings",
        _rating_app,
        _rating_worker,
        _rating_migrations,
        _rating_access,
        hashes_secrets=True,
        keeps_personal_data=True,
    ),
    Service(
        "stats",
        "Thống kê",
        "Statistics and the public board",
        _stats_app,
        _stats_worker,
        _stats_migrations,
        _stats_access,
    ),
)
SERVICE_NAMES = tuple(service.name for service in SERVICES)
SERVICE_TITLES = {service.name: (service.title_vi, service.title_en) for service in SERVICES}


def find_service(name: str) -> Service:
    """The service of a name.

    Raises:
        LookupError: there is no such service.
    """
    for service in SERVICES:
        if service.name == name:
            return service
    raise LookupError(f"there is no service {name!r}; the services are {', '.join(SERVICE_NAMES)}")
