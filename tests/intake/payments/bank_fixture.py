"""Intake connected to a fake bank: orders, what the bank does, the sweeps, and whether all books agree."""

from __future__ import annotations

import http.client
import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

from services.intake.app import create_app
from services.intake.dossiers import store as dossiers
from services.intake.payments.ledger.domain import Account
from services.intake.payments.ledger.store import balances
from services.intake.payments.online.commands import announce, poll_orders, start_order
from services.intake.payments.online.domain import PaymentOrder
from services.intake.payments.providers.configured import provider_of
from shared.runtime.settings import PaymentSettings
from tests.intake.service_fixture import IntakeService

KEY = "a-key-of-the-bank-0123456789-abcdefghij"
FEE = 550_000


class Payments:
    """Intake connected to the fake bank."""

    def __init__(self, intake: IntakeService, port: int) -> None:
        self.intake, self.port = intake, port
        settings = PaymentSettings(f"http://127.0.0.1:{port}", KEY, "970415:113366668888:KHO BAC NHA NUOC")
        self.context = replace(intake.context, settings=replace(intake.context.settings, payments=settings))
        self.app = create_app(self.context)
        self.client: Any = self.app.test_client()
        self.address = ""

    def order(self, code: str, obligation: str = "") -> PaymentOrder:
        """An order that the bank knows."""
        order = self.intake.store.run(lambda work: start_order(work, dossiers.lock(work.connection, code), obligation))
        provider = provider_of(self.context)
        assert provider is not None
        return announce(self.context, provider, order)

    def bank(self, **what: Any) -> Any:
        """Tells the bank what happens."""
        what = {
            "at": self.context.clock.wall().isoformat(),
            "to": f"{self.address}/intake/api/payment-notices/gateway",
        } | what
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        connection.request("POST", "/test", json.dumps(what), {"Content-Type": "application/json"})
        answer = json.loads(connection.getresponse().read())
        connection.close()
        return answer

    def poll(self, minutes: float = 2) -> int:
        """The sweep, some minutes later."""
        self.intake.advance(timedelta(minutes=minutes))
        return poll_orders(self.context, provider_of(self.context))

    def settled(self, code: str) -> bool:
        """Whether the fee counts as paid; the ledger, payments, events and refunds must agree."""
        with self.intake.store.read() as connection:
            found, all_of_it = balances(connection, dossier=code), balances(connection)
            dossier = dossiers.get(connection, code)
        paid = sum(one["amount"] for one in self.intake.rows("payment") if one["dossier"] == code)
        announced = sum(
            one["data"]["amount"] for one in self.intake.emitted("fee.paid") if one["data"]["dossier"] == code
        )
        owed_back = sum(one["amount"] for one in self.intake.rows("refund") if one["dossier"] == code)
        assert (-found[Account.FEES], -found[Account.REFUNDABLE]) == (paid, owed_back)
        assert announced == paid
        assert sum(all_of_it.values()) == 0
        assert (dossier.fee_paid_at is not None) == (paid == FEE)
        return dossier.fee_paid_at is not None

    def refund_causes(self) -> list[str]:
        """Why money is to be refunded."""
        return [one["cause"] for one in self.intake.rows("refund")]
