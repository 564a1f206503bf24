"""The procedures that one answer needs, each looked up once."""

from __future__ import annotations

from sqlalchemy import Connection

from services.routing.store import definitions
from services.routing.store.tasks import STEP, Task
from shared.catalogue import Procedure
from shared.catalogue.route import Step


class ProcedureCache:
    """Published procedure versions, for the length of one answer.

    Args:
        connection: any.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._found: dict[tuple[str, int], Procedure] = {}

    def get(self, code: str, version: int) -> Procedure:
        """A published procedure version.

        Raises:
            LookupError: it is not in the store.
        """
        key = (code, version)
        if key not in self._found:
            found = definitions.find_procedure(self._connection, *key)
            if found is None:
                raise LookupError(f"procedure {code} version {version} is not in the store")
            self._found[key] = found
        return self._found[key]

    def step_of(self, task: Task, code: str, version: int, case: str) -> Step | None:
        """A task's step in the route of its procedure version and case; None for a correction, which no route has."""
        return self.get(code, version).route(case).step(task.step) if task.kind == STEP else None
