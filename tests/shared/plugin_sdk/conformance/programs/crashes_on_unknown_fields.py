"""Exits if an event has fields that it does not know."""

from __future__ import annotations

from typing import Any

from tests.shared.plugin_sdk.conformance.programs.correct import CorrectProgram

FIELDS = {
    *("dossier", "task", "step", "name", "agency", "official_role", "procedure", "procedure_name", "case", "field"),
    *("receiving_agency", "counted", "assigned_at", "due_at", "outcomes", "obligation_outcome", "wait_until", "note"),
    "regulation",
}


class CrashesOnUnknownFields(CorrectProgram):
    def decide(self, event: dict[str, Any], tag: int) -> None:
        unknown = set(event["data"]) - FIELDS
        if unknown:
            raise SystemExit(f"unexpected fields: {sorted(unknown)}")
        super().decide(event, tag)


if __name__ == "__main__":
    CrashesOnUnknownFields().run()
