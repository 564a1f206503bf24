"""The components of intake's app besides the context: the pattern of dossier codes, and the catalogue in memory."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from flask import current_app

from services.intake.filing.domain.dossier_code import DEFAULT_PATTERN, BadPattern, CodePattern
from services.intake.procedures.catalogue import Catalogue
from shared.runtime.settings import SettingsError

EXTENSION = "motcua.intake"
PATTERN_VARIABLE = "MOTCUA_INTAKE_CODE_PATTERN"


@dataclass(frozen=True, slots=True)
class Components:
    """The components of one app.

    Attributes:
        pattern: of dossier codes.
        catalogue: the cache of procedures.
    """

    pattern: CodePattern
    catalogue: Catalogue


def make_components(environ: Mapping[str, str] | None = None) -> Components:
    """The components, as configured by environment variables.

    Args:
        environ: the process's environment by default.

    Raises:
        SettingsError: the pattern of codes is not valid.
    """
    text = (os.environ if environ is None else environ).get(PATTERN_VARIABLE, "").strip()
    try:
        return Components(CodePattern(text or DEFAULT_PATTERN), Catalogue())
    except BadPattern as error:
        raise SettingsError([f"{PATTERN_VARIABLE}: {error}"]) from error


def components() -> Components:
    """The components of the app that serves the current request."""
    return cast(Components, current_app.extensions[EXTENSION])
