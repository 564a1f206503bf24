"""What tests of uploads share: samples, a begun draft, and the folder of files."""

from __future__ import annotations

import os
from pathlib import Path

from tests.intake.online_fixture import JPEG, CitizenBrowser, pdf, png
from tests.intake.service_fixture import IntakeService

GOOD = {"application/pdf": pdf(), "image/jpeg": JPEG, "image/png": png(3, 2)}


def stored_files(intake: IntakeService) -> list[Path]:
    """The files in the folder of uploads."""
    return [path for path in (intake.context.settings.data / "uploads").rglob("*") if path.is_file()]


def make_old(path: Path) -> None:
    """Makes a stored file older than any that may still be wanted."""
    os.utime(path, (0, 0))


def begun(intake: IntakeService) -> tuple[CitizenBrowser, str]:
    """A draft whose papers are known."""
    me = CitizenBrowser(intake)
    draft = me.begin()
    me.post(f"/drafts/{draft}/case", case="transfer")
    return me, draft
