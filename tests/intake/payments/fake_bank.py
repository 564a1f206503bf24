"""A bank in a process of its own, as a fake payment gateway: ``python -m tests.intake.payments.fake_bank PORT KEY``.

It speaks the protocol of :mod:`services.intake.payments.providers.gateway`. Tests tell it by ``POST /test`` what happens: money that comes
in, reports that it sends late, twice, wrongly signed or not at all, and failures.
"""

from __future__ import annotations

import http.client
import json
import sys
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from shared.auth.message_signature import HEADER, check_signature, sign


class Bank(ThreadingHTTPServer):
    """The fake bank.

    Args:
        port: on which it listens.
        key: signs the messages.
    """

    def __init__(self, port: int, key: str) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.key = key
        self.orders: dict[str, dict[str, Any]] = {}
        self.receipts: list[dict[str, Any]] = []
        self.failing = False
        self.refunds: dict[str, dict[str, Any]] = {}
        self.next_refunds: list[str] = []

    def order(self, wanted: dict[str, Any]) -> dict[str, Any]:
        """Takes an order; the same again gives the same."""
        known = self.orders.setdefault(wanted["reference"], {**wanted, "id": f"order-{len(self.orders) + 1}"})
        return {"id": known["id"], "pay_url": f"http://127.0.0.1:{self.server_port}/pay/{known['reference']}"}

    def pay(self, reference: str, amount: int | None, at: str, transaction: str | None) -> dict[str, Any]:
        """Money comes in."""
        amount = self.orders[reference]["amount"] if amount is None else amount
        known = transaction or f"tx-{len(self.receipts) + 1}"
        receipt = {"transaction": known, "reference": reference, "amount": amount, "paid_at": at}
        self.receipts.append(receipt)
        return receipt

    def refund(self, wanted: dict[str, Any]) -> dict[str, Any]:
        """Pays back once, as the test has said, and otherwise at the second call; the same again gives the same."""
        known = self.refunds.setdefault(wanted["id"], {**wanted, "state": "pending", "calls": 0})
        known["calls"] += 1
        if known["state"] == "pending" and self.next_refunds:
            known["state"] = self.next_refunds.pop(0)
        elif known["state"] == "pending" and known["calls"] > 1:
            known["state"] = "succeeded"
        return {"state": known["state"], "reason": "account closed" if known["state"] == "failed" else ""}

    def notice(self, receipt: dict[str, Any], status: str, at: str, key: str) -> tuple[bytes, str]:
        """A report and its signature."""
        body = json.dumps({**receipt, "status": status}).encode()
        return body, sign(key or self.key, body, datetime.fromisoformat(at))


class Handler(BaseHTTPRequestHandler):
    """One request to the bank."""

    server: Bank

    def do_GET(self) -> None:
        """Lists what came in, or shows the page for paying."""
        path = urlsplit(self.path)
        if path.path.startswith("/pay/"):
            self._answer(200, {"page": path.path})
            return
        if not self._signed(b""):
            return
        if path.path == "/statement":
            day = parse_qs(path.query)["day"][0]
            found = [one for one in self.server.receipts if one["paid_at"].startswith(day)]
        else:
            reference = unquote(path.path.split("/")[2])
            found = [one for one in self.server.receipts if one["reference"] == reference]
        self._answer(200, {"receipts": found})

    def do_POST(self) -> None:
        """Takes an order, or a test's instruction."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path == "/test":
            self._answer(200, self._instructed(json.loads(body)))
        elif self._signed(body):
            act = self.server.refund if self.path == "/refunds" else self.server.order
            self._answer(201, act(json.loads(body)))

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""

    def _signed(self, body: bytes) -> bool:
        """Whether the caller has the key, and the bank works."""
        if self.server.failing:
            self._answer(503, {})
            return False
        signed = f"{self.command} {self.path}\n".encode() + body
        check_signature(self.server.key, signed, self.headers.get(HEADER, ""), self._their_time())
        return True

    def _their_time(self) -> datetime:
        """The tests' clocks are set by hand, so the bank goes by the time of the message."""
        return datetime.fromtimestamp(int(self.headers[HEADER].split(",")[0][2:]), UTC)

    def _instructed(self, what: dict[str, Any]) -> dict[str, Any]:
        if "failing" in what:
            self.server.failing = what["failing"]
            return {}
        if "refunds" in what:
            self.server.next_refunds = what["refunds"]
            return self.server.refunds
        if "receipts" in what:
            return {"receipts": [one for one in self.server.receipts if one["reference"] == what["receipts"]]}
        if "orders" in what:
            return self.server.orders
        receipt = what.get("receipt") or self.server.pay(
            what["reference"], what.get("amount"), what["at"], what.get("transaction")
        )
        statuses = [
            self._report(receipt, what.get("status", "succeeded"), what["at"], what.get("key", ""), what["to"])
            for _ in range(what.get("times", 0))
        ]
        return {"receipt": receipt, "statuses": statuses}

    def _report(self, receipt: dict[str, Any], status: str, at: str, key: str, to: str) -> int:
        body, signature = self.server.notice(receipt, status, at, key)
        parts = urlsplit(to)
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=20)
        connection.request("POST", parts.path, body, {HEADER: signature, "Content-Type": "application/json"})
        answered = connection.getresponse().status
        connection.close()
        return answered

    def _answer(self, status: int, data: Any) -> None:
        body = json.dumps(data).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


if __name__ == "__main__":
    Bank(int(sys.argv[1]), sys.argv[2]).serve_forever()
