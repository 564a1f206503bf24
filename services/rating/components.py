"""The components of rating's app besides the context: the storage of files of complaints, and the virus scanner."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from flask import current_app

from services.rating.complaints.attachments.store import AREA
from shared.runtime.settings import Settings
from shared.storage import SealedStorage, open_storage
from shared.virus_scan import Scanner, read_scanner

EXTENSION = "motcua.rating"


@dataclass(frozen=True, slots=True)
class Components:
    """The components of one app.

    Attributes:
        storage: of the files of complaints.
        scanner: looks for viruses in them.
    """

    storage: SealedStorage
    scanner: Scanner


def make_components(settings: Settings, environ: Mapping[str, str] | None = None) -> Components:
    """The components, as configured by environment variables.

    Args:
        settings: of the platform.
        environ: the process's environment by default.

    Raises:
        SettingsError: the storage of files or the virus scanner is not valid.
    """
    return Components(open_storage(settings, environ, AREA), read_scanner(environ))


def components() -> Components:
    """The components of the app that serves the current request."""
    return cast(Components, current_app.extensions[EXTENSION])
