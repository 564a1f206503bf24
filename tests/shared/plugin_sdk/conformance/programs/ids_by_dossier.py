"""Derives the id of a decision from the dossier: the second step of a dossier gets the id of the first."""

from __future__ import annotations

import uuid
from typing import Any

from tests.shared.plugin_sdk.conformance.programs.correct import CorrectProgram


class IdsByDossier(CorrectProgram):
    def identifier(self, event: dict[str, Any]) -> str:
        return str(uuid.uuid5(uuid.NAMESPACE_OID, event["data"]["dossier"]))


if __name__ == "__main__":
    IdsByDossier().run()
