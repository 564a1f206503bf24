"""What intake's views work with beside the context: the pattern of codes and the catalogue in memory."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from flask import current_app

from services.intake.catalogue import Catalogue
from services.intake.domain.codes import DEFAULT_PATTERN, BadPattern, CodePattern
from shared.settings import SettingsError

EXTENSION = "motcua.intake"
PATTERN_VARIABLE = "MOTCUA_INTAKE_CODE_PATTERN"


@dataclass(frozen=True)
class Parts:
    """One app's parts.

    Attributes:
        pattern: how dossier codes are made.
        catalogue: the procedures in force.
    """

    pattern: CodePattern
    catalogue: Catalogue


def make_parts(environ: Mapping[str, str] | None = None) -> Parts:
    """The parts as the environment says.

    Args:
        environ: the process's own environment by default.

    Raises:
        SettingsError: the pattern of codes is unusable.
    """
    text = (os.environ if environ is None else environ).get(PATTERN_VARIABLE, "").strip()
    try:
        return Parts(CodePattern(text or DEFAULT_PATTERN), Catalogue())
    except BadPattern as error:
        raise SettingsError([f"{PATTERN_VARIABLE}: {error}"]) from error


def parts() -> Parts:
    """The parts of the app whose request this is."""
    return cast(Parts, current_app.extensions[EXTENSION])
