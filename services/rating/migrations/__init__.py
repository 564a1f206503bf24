"""The migrations of rating's database, and the metadata of all its tables as they are now."""

from __future__ import annotations

# each of these stores adds its tables to the metadata
from services.rating.complaints import tables as _complaints  # noqa: F401
from services.rating.complaints.attachments import store as _complaint_files  # noqa: F401
from services.rating.complaints.entry import tables as _complaint_entry  # noqa: F401
from services.rating.complaints.public import tables as _complaint_public  # noqa: F401
from services.rating.database import metadata
from services.rating.devices import store as _devices  # noqa: F401
from services.rating.invitations import store as _invitations  # noqa: F401
from services.rating.officials import store as _officials  # noqa: F401
from services.rating.papers import store as _papers  # noqa: F401
from services.rating.rankings import store as _rankings  # noqa: F401
from services.rating.rankings.assessments import findings as _findings  # noqa: F401
from services.rating.rankings.assessments import store as _assessments  # noqa: F401
from services.rating.ratings import limits as _limits  # noqa: F401
from services.rating.ratings import store as _ratings  # noqa: F401
from services.rating.scores import procedures as _procedures  # noqa: F401
from services.rating.scores.flags import store as _flags  # noqa: F401
from services.rating.surveys import answer_store as _survey_answers  # noqa: F401
from services.rating.surveys import store as _surveys  # noqa: F401

__all__ = ["metadata"]
