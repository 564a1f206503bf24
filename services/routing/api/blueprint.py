"""The blueprint of all JSON routes of routing."""

from __future__ import annotations

from shared.web.openapi import ApiBlueprint

STAFF = ("officer", "leader", "clerk", "agency")
OFFICIALS = ("officer", "leader", "clerk")

api = ApiBlueprint("routing", description="Steps, work queues and clocks of dossiers")
