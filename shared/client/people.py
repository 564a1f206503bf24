"""The people of a one-stop centre, played by a program: each has a token with their role and agency."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from shared.auth import issue_token
from shared.client.http import Client
from shared.client.sms_inbox import SmsInbox
from shared.runtime.settings import Settings

TokenIssuer = Callable[[str, str], str]
"""(role, agency) → a bearer token."""


def own_tokens(settings: Settings) -> TokenIssuer:
    """Makes tokens signed with the platform's own key, where it has one (embedded, demo, test)."""

    def issue(role: str, agency: str) -> str:
        return issue_token(settings.auth, f"{role}@{agency or 'motcua'}", role, agency, timedelta(hours=24))

    return issue


class People:
    """HTTP clients of one platform, one for each role and agency. For one thread.

    Args:
        address: where the platform is.
        tokens: makes a token for a role at an agency.
        retry_seconds: how long to retry when the platform does not answer, real seconds.
        sms_inbox: the citizens' messages; needed for rating, whose token is only in an SMS.
    """

    def __init__(
        self, address: str, tokens: TokenIssuer, retry_seconds: float = 60.0, sms_inbox: SmsInbox | None = None
    ) -> None:
        self.address = address
        self.tokens = tokens
        self.retry_seconds = retry_seconds
        self.sms_inbox = sms_inbox
        self._clients: dict[tuple[str, str], Client] = {}

    def client_for(self, role: str, agency: str = "") -> Client:
        """The client of a person with a role at an agency."""
        key = (role, agency)
        if key not in self._clients:
            token = self.tokens(role, agency) if role != "public" else ""
            self._clients[key] = Client(self.address, token, self.retry_seconds)
        return self._clients[key]

    def public(self) -> Client:
        """The client of a citizen without a token."""
        return self.client_for("public")

    def close(self) -> None:
        """Closes all connections."""
        for client in self._clients.values():
            client.close()

    def file(self, desk: str, dossier: dict[str, Any], key: str | None = None) -> Any:
        """A clerk at the desk files a dossier; returns intake's answer."""
        return self.client_for("clerk", desk).post(
            "/intake/api/dossiers", {"channel": "counter", "receiving_agency": desk, **dossier}, key
        )

    def routing_view(self, desk: str, code: str) -> Any:
        """A dossier as routing shows it to the desk: steps, times, clock."""
        return self.client_for("clerk", desk).get(f"/routing/api/dossiers/{code}")

    def complete(
        self, task: dict[str, Any], outcome: str, note: str = "", amount: int | None = None, key: str | None = None
    ) -> Any:
        """An official of the task's own agency completes it."""
        body: dict[str, Any] = {"outcome": outcome, "note": note}
        if amount is not None:
            body["amount"] = amount
        return self.client_for(task["official_role"], task["agency"]).post(
            f"/routing/api/tasks/{task['id']}/complete", body, key
        )

    def pay(self, desk: str, code: str, amount: int, obligation: str | None = None, key: str | None = None) -> Any:
        """The citizen pays at the desk: the filing fee, or an obligation."""
        body: dict[str, Any] = {"amount": amount, "method": "transfer"}
        if obligation:
            body["obligation"] = obligation
        return self.client_for("clerk", desk).post(f"/intake/api/dossiers/{code}/payments", body, key)

    def hand_back(self, desk: str, code: str, key: str | None = None, citizen_notified: bool = False) -> Any:
        """The desk hands the result to the citizen.

        Args:
            desk: the one-stop desk.
            code: the dossier's.
            key: the idempotency key.
            citizen_notified: whether the clerk has notified the citizen, when no message has.
        """
        body = {"citizen_notified": citizen_notified, "identity": "citizen_card"}
        return self.client_for("clerk", desk).post(f"/intake/api/dossiers/{code}/return", body, key)

    def messages(self, desk: str, code: str) -> list[dict[str, Any]]:
        """The messages to the citizen as staff see them: phone numbers and one-time codes are masked."""
        found: list[dict[str, Any]] = self.client_for("clerk", desk).get("/notify/api/messages", dossier=code)[
            "messages"
        ]
        return found

    def received_text(self, code: str, kind: str) -> str | None:
        """The text of the message of a kind as the citizen reads it; None while there is none.

        Raises:
            LookupError: there is no SMS inbox.
        """
        if self.sms_inbox is None:
            raise LookupError("the citizens' messages cannot be read here: no SMS inbox")
        return self.sms_inbox.text(code, kind)
