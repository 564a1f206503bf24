"""What intake's views work with beside the context: the pattern of codes and the catalogue in memory."""

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


@dataclass(frozen=True)
class Components:
    """One app's parts.

    Attributes:
        pattern: how dossier codes are made.
        catalogue: the procedures in force.
    """

    pattern: CodePattern
    catalogue: Catalogue


def make_components(environ: Mapping[str, str] | None = None) -> Components:
    """The parts as the environment says.

    Args:
        environ: the process's own environment by default.

    Raises:
        SettingsError: the pattern of codes is unusable.
    """
    text = (os.environ if environ is None else environ).get(PATTERN_VARIABLE, "").strip()
    try:
        return Components(CodePattern(text or DEFAULT_PATTERN), Catalogue())
    except BadPattern as error:
        raise SettingsError([f"{PATTERN_VARIABLE}: {error}"]) from error


def components() -> Components:
    """The parts of the app whose request this is."""
    return cast(Components, current_app.extensions[EXTENSION])
