"""The table of uploads: of drafts, supplements, waivers, signatures and results."""

from __future__ import annotations

from services.intake.database import metadata
from shared.uploads.rows import UploadRows, uploads_table

uploads = uploads_table(metadata)
rows = UploadRows(uploads)
