"""How long texts may be, one set for pages, JSON APIs and agencies' own software."""

from __future__ import annotations

NOTE = 2000
"""Characters of a remark or a reason in routing, whoever writes it."""
ASKED_PAPERS = 50
"""Papers that one supplement request may name."""
PAPER = 500
"""Characters of the name of a paper."""
OUTCOME = 50
"""Characters of the outcome of a step."""
DOSSIER_CODE = 60
"""Characters of a dossier's code."""
