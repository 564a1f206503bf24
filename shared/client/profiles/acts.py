"""What people do when a profile is played: each a command of a service's own API."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from shared.client.http import Client
from shared.client.profiles.catalogue import PAPER
from shared.client.profiles.model import DeskOfficial
from shared.client.sample_filing import FAMILY_NAMES, GIVEN_NAMES

StaffTokens = Callable[[str, str, str], str]
"""(subject, role, agency) → a bearer token."""
MOST_TOGETHER = 100
"""Steps in one bulk completion."""
PAGE = 200
RETRY_SECONDS = 60.0


class Staff:
    """The people of the desks and agencies, as clients of the platform. Threads may share it.

    Args:
        address: where the platform is.
        tokens: makes a token for somebody with a role at an agency.
    """

    def __init__(self, address: str, tokens: StaffTokens) -> None:
        self.address = address
        self._tokens = tokens
        self._issued: dict[tuple[str, str, str], str] = {}
        self._own = threading.local()
        self._all: list[Client] = []
        self._lock = threading.Lock()

    def token(self, role: str, agency: str, subject: str = "") -> str:
        """The token of somebody; of the one person with this role at the agency if no subject is named."""
        who = (subject or f"{role}@{agency or 'motcua'}", role, agency)
        with self._lock:
            if who not in self._issued:
                self._issued[who] = self._tokens(*who)
            return self._issued[who]

    def client(self, role: str, agency: str, subject: str = "") -> Client:
        """This thread's connection, with somebody's token."""
        connection = self._connection()
        connection.token = self.token(role, agency, subject) if role != "public" else ""
        return connection

    def close(self) -> None:
        """Closes all connections."""
        for client in self._all:
            client.close()

    def _connection(self) -> Client:
        if not hasattr(self._own, "client"):
            self._own.client = Client(self.address, retry_seconds=RETRY_SECONDS)
            with self._lock:
                self._all.append(self._own.client)
        found: Client = self._own.client
        return found

    def file(self, desk: str, official: str, procedure: str, number: int, finish: bool, key: str) -> Any:
        """A clerk receives a dossier; returns intake's receipt.

        Args:
            desk: the one-stop desk.
            official: subject of the clerk; empty for the desk's only one.
            procedure: its code.
            number: of the citizen; different numbers are different people.
            finish: whether the result is handed over at once.
            key: the idempotency key.
        """
        body = {
            "procedure": procedure,
            "channel": "counter",
            "receiving_agency": desk,
            "applicant": citizen(number),
            "papers": [PAPER],
            "finish": finish,
        }
        return self.client("clerk", desk, official).post("/intake/api/dossiers", body, key)

    def new_tasks(self, role: str, agency: str, after: str) -> list[dict[str, Any]]:
        """The open steps of an agency that were assigned after a certain one, in order."""
        found: list[dict[str, Any]] = []
        cursor: str | None = after
        while cursor is not None:
            page = self.client(role, agency).get(
                "/routing/api/tasks", agency=agency, state="open", cursor=cursor or None, limit=PAGE
            )
            found += page["items"]
            cursor = page["next"]
        return found

    def complete(self, role: str, agency: str, ids: Sequence[str], key: str) -> list[str]:
        """An official completes steps of their agency; returns what was refused, in words."""
        refused = []
        for start in range(0, len(ids), MOST_TOGETHER):
            body = {"tasks": list(ids[start : start + MOST_TOGETHER]), "outcome": "completed"}
            answer = self.client(role, agency).post("/routing/api/tasks/complete", body, f"{key}-{start}")
            refused += [f"{one['id']}: {one['problem']}" for one in answer["items"] if not one["done"]]
        return refused

    def hand_back(self, desk: str, official: str, code: str) -> None:
        """The desk hands a result to the citizen."""
        body = {"citizen_notified": False, "identity": "citizen_card"}
        self.client("clerk", desk, official).post(f"/intake/api/dossiers/{code}/return", body, f"return-{code}")

    def rate(self, token: str, score: int, key: str) -> None:
        """A citizen rates with the code that came by SMS."""
        self.client("public", "").post("/rating/api/ratings", {"token": token, "score": score}, key)

    def register(self, desk: str, officials: Iterable[DeskOfficial], valid_from: str) -> None:
        """The desk's leader enters its officials in the register."""
        for one in officials:
            body = {
                "subject": one.subject,
                "valid_from": valid_from,
                "name": one.name,
                "position": one.position,
                "home_agency": one.home_agency,
                "counter": one.counter,
            }
            self.client("leader", desk).post("/rating/api/officials", body, f"register-{desk}-{one.subject}")


def citizen(number: int) -> dict[str, str]:
    """An invented person; different numbers are different people."""
    family, given = FAMILY_NAMES[number % len(FAMILY_NAMES)], GIVEN_NAMES[number // 10 % len(GIVEN_NAMES)]
    return {"name": f"{family} {given}", "id_number": f"0951{number:08d}", "phone": f"09{number:08d}"}


class Worklists:
    """The open steps that officials have seen on their worklists: each list is read on from where it was read last."""

    def __init__(self) -> None:
        self._tasks: dict[tuple[str, str], str] = {}
        self._last: dict[str, str] = defaultdict(str)

    def read(self, staff: Staff, role: str, agency: str) -> None:
        """Reads what is new for an agency."""
        for task in staff.new_tasks(role, agency, self._last[agency]):
            self._tasks[task["dossier"], task["step"]] = task["id"]
            self._last[agency] = task["id"]

    def take(self, dossier: str, step: str) -> str | None:
        """The open step of a dossier, which is then no longer remembered; None if no worklist has it."""
        return self._tasks.pop((dossier, step), None)
