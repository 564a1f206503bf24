"""The JSON API of routing: steps to do, work queues, a dossier's way with its clock and its control sheet, and who is away or on duty."""

from __future__ import annotations

from services.routing.api import dossiers, queues, staff, tasks
from services.routing.api.blueprint import api

__all__ = ["api", "dossiers", "queues", "staff", "tasks"]
