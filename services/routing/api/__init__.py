"""The JSON API of routing: steps, work queues, dossiers with clock and control sheet, apologies, absences and duties."""

from __future__ import annotations

from services.routing.api import apologies, dossiers, queues, staff, tasks
from services.routing.api.blueprint import api

__all__ = ["api", "apologies", "dossiers", "queues", "staff", "tasks"]
