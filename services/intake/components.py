"""The components of intake's app besides the context: the pattern of dossier codes, the catalogue in memory, the sign-in of citizens."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from flask import current_app

from services.intake.filing.domain.dossier_code import DEFAULT_PATTERN, BadPattern, CodePattern
from services.intake.kiosk.printing.printers import Printers, read_printers
from services.intake.procedures.catalogue import Catalogue
from shared.openid import OpenIdClient, read_openid_settings
from shared.runtime.settings import Settings, SettingsError
from shared.storage import SealedStorage, open_storage
from shared.virus_scan import Scanner, read_scanner

EXTENSION = "motcua.intake"
PATTERN_VARIABLE = "MOTCUA_INTAKE_CODE_PATTERN"


@dataclass(frozen=True, slots=True)
class Components:
    """The components of one app.

    Attributes:
        pattern: of dossier codes.
        catalogue: the cache of procedures.
        openid: the client of the provider with which citizens sign in.
        storage: of uploaded files.
        scanner: looks for viruses in them.
        printers: beside the kiosks.
    """

    pattern: CodePattern
    catalogue: Catalogue
    openid: OpenIdClient
    storage: SealedStorage
    scanner: Scanner
    printers: Printers


def make_components(settings: Settings, environ: Mapping[str, str] | None = None) -> Components:
    """The components, as configured by environment variables.

    Args:
        settings: of the platform.
        environ: the process's environment by default.

    Raises:
        SettingsError: the pattern of codes, the sign-in of citizens, the storage of files, the virus scanner or a printer is not valid.
    """
    text = (os.environ if environ is None else environ).get(PATTERN_VARIABLE, "").strip()
    openid = OpenIdClient(read_openid_settings(settings, environ))
    try:
        pattern = CodePattern(text or DEFAULT_PATTERN)
    except BadPattern as error:
        raise SettingsError([f"{PATTERN_VARIABLE}: {error}"]) from error
    storage, scanner = open_storage(settings, environ), read_scanner(environ)
    return Components(pattern, Catalogue(), openid, storage, scanner, read_printers(environ))


def components() -> Components:
    """The components of the app that serves the current request."""
    return cast(Components, current_app.extensions[EXTENSION])
