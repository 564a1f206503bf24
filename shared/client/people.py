"""The people of a centre, as far as a program can play them: each with a token of the right role and agency."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from shared.auth import issue_token
from shared.client.http import Client
from shared.client.sms_inbox import Mailbox
from shared.runtime.settings import Settings

TokenIssuer = Callable[[str, str], str]
"""(role, agency) → a bearer token."""


def own_tokens(settings: Settings) -> TokenIssuer:
    """Tokens signed with the platform's own key; only where the platform has one (embedded, demo, test)."""

    def issue(role: str, agency: str) -> str:
        return issue_token(settings.auth, f"{role}@{agency or 'motcua'}", role, agency, timedelta(hours=24))

    return issue


class People:
    """Clients of one address, one for each role and agency. Used by one thread.

    Args:
        address: where the platform is.
        tokens: makes a token for a role at an agency.
        patience: real seconds to keep trying when the platform is away.
        mailbox: the citizens' messages; needed for rating, whose token is told to nobody else.
    """

    def __init__(
        self, address: str, tokens: TokenIssuer, patience: float = 60.0, mailbox: Mailbox | None = None
    ) -> None:
        self.address = address
        self.tokens = tokens
        self.patience = patience
        self.mailbox = mailbox
        self._clients: dict[tuple[str, str], Client] = {}

    def someone(self, role: str, agency: str = "") -> Client:
        """A person of a role at an agency."""
        key = (role, agency)
        if key not in self._clients:
            token = self.tokens(role, agency) if role != "public" else ""
            self._clients[key] = Client(self.address, token, self.patience)
        return self._clients[key]

    def public(self) -> Client:
        """A citizen without a token."""
        return self.someone("public")

    def close(self) -> None:
        """Closes all connections."""
        for client in self._clients.values():
            client.close()

    def file(self, desk: str, dossier: dict[str, Any], key: str | None = None) -> Any:
        """A clerk at the desk files a dossier; returns intake's answer."""
        return self.someone("clerk", desk).post(
            "/intake/api/dossiers", {"channel": "counter", "receiving_agency": desk, **dossier}, key
        )

    def way(self, desk: str, code: str) -> Any:
        """Where a dossier is, as the desk sees it in routing: steps, times, clock."""
        return self.someone("clerk", desk).get(f"/routing/api/dossiers/{code}")

    def complete(
        self, task: dict[str, Any], outcome: str, note: str = "", amount: int | None = None, key: str | None = None
    ) -> Any:
        """An official of the task's own agency completes it."""
        body: dict[str, Any] = {"outcome": outcome, "note": note}
        if amount is not None:
            body["amount"] = amount
        return self.someone(task["official_role"], task["agency"]).post(
            f"/routing/api/tasks/{task['id']}/complete", body, key
        )

    def pay(self, desk: str, code: str, amount: int, obligation: str | None = None, key: str | None = None) -> Any:
        """The citizen pays at the desk: the filing fee, or an obligation."""
        body: dict[str, Any] = {"amount": amount, "method": "transfer"}
        if obligation:
            body["obligation"] = obligation
        return self.someone("clerk", desk).post(f"/intake/api/dossiers/{code}/payments", body, key)

    def hand_back(self, desk: str, code: str, key: str | None = None, citizen_notified: bool = False) -> Any:
        """The desk hands the result to the citizen; `citizen_notified`: the clerk has told him that it is there, as no message has."""
        return self.someone("clerk", desk).post(
            f"/intake/api/dossiers/{code}/return", {"citizen_notified": citizen_notified}, key
        )

    def messages(self, desk: str, code: str) -> list[dict[str, Any]]:
        """What the citizen was sent, as staff may see it: numbers and one-time codes are masked."""
        found: list[dict[str, Any]] = self.someone("clerk", desk).get("/notify/api/messages", dossier=code)["messages"]
        return found

    def received_text(self, code: str, kind: str) -> str | None:
        """The text of the message of a kind, as the citizen reads it; None while he has none.

        Raises:
            LookupError: nobody here sees the citizens' messages.
        """
        if self.mailbox is None:
            raise LookupError("the citizens' messages cannot be read here: no mailbox")
        return self.mailbox.text(code, kind)
