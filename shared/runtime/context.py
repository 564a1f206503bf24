"""A service's settings, store and reference data, as one object."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from shared.persistence.data_key_register import check_connections
from shared.persistence.store import Store
from shared.runtime.clock import Clock
from shared.runtime.private_files import keep_private
from shared.runtime.reference_data import Reference, load_reference
from shared.runtime.settings import Settings

ServiceTitles = Mapping[str, tuple[str, str]]
"""Service → what it does, in Vietnamese and English."""


@dataclass(frozen=True)
class Context:
    """Given to the web application, the worker and the commands of a service.

    Attributes:
        service: its name.
        settings: from the environment.
        store: its own database.
        reference: dated reference data.
        titles: Vietnamese and English title of every service, by name, for links between their pages; empty if unknown.
    """

    service: str
    settings: Settings
    store: Store
    reference: Reference
    titles: ServiceTitles = field(default_factory=dict)

    @property
    def clock(self) -> Clock:
        """The clock of this process."""
        return self.settings.clock


def open_context(
    service: str, settings: Settings, reference: Reference | None = None, titles: ServiceTitles | None = None
) -> Context:
    """Opens a service's store. It connects at first use, so the process may fork afterwards.

    Args:
        service: its name.
        settings: from the environment.
        reference: shared by the services of one process; loaded if not given.
        titles: as in :class:`Context`.
    """
    if settings.data.is_dir():
        keep_private(settings.data)
    reference = reference or load_reference(settings.agencies_dir)
    store = Store(
        settings.db_url(service),
        service,
        settings.clock,
        settings.db_pool,
        reference,
        settings.hash_key,
        settings.data_keys,
        settings.db_wait_seconds,
    )
    if settings.data_keys is not None:
        check_connections(store.engine, service, settings.data_keys)
    return Context(service, settings, store, reference, titles or {})
