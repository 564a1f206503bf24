"""What one service of one process works with: its settings, its store and the reference data."""

from __future__ import annotations

from dataclasses import dataclass

from shared.persistence.store import Store
from shared.runtime.clock import Clock
from shared.runtime.reference_data import Reference, load_reference
from shared.runtime.settings import Settings


@dataclass(frozen=True)
class Context:
    """Handed to everything that translates between the outside and the domain."""

    service: str
    settings: Settings
    store: Store
    reference: Reference

    @property
    def clock(self) -> Clock:
        """The clock of this process."""
        return self.settings.clock


def open_context(service: str, settings: Settings, reference: Reference | None = None) -> Context:
    """Opens a service's store (connections come lazily, so a fork may follow).

    Args:
        service: its name.
        settings: what the environment said.
        reference: shared between the services of one process; loaded when not given.
    """
    reference = reference or load_reference(settings.agencies_dir)
    store = Store(settings.db_url(service), service, settings.clock, settings.db_pool, reference)
    return Context(service, settings, store, reference)
