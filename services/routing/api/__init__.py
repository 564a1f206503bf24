"""The JSON API of routing: steps, work queues, dossiers with clock and control sheet, absences and duties."""

from __future__ import annotations

from services.routing.api import dossiers, queues, staff, tasks
from services.routing.api.blueprint import api

__all__ = ["api", "dossiers", "queues", "staff", "tasks"]
