"""What statistics say of money is what intake's ledger and day closing say, after duplicates and in any order of the events."""

from __future__ import annotations

import random
from pathlib import Path

import orjson

from services.intake.payments.ledger.domain import Account
from services.intake.payments.ledger.store import balances
from services.stats.app import create_app
from services.stats.handlers import HANDLERS
from tests.intake.payments.test_refunds_and_closing import FEE, Person
from tests.intake.service_fixture import DESK, LAND, IntakeService
from tests.support.prepared import PreparedFiles, migrated
from tests.support.service import ServiceUnderTest, body


def test_day_closing_refunds_and_waivers_agree_with_statistics(
    sqlite_intake: IntakeService, prepared_files: PreparedFiles, tmp_path: Path
) -> None:
    intake, clerk, leader = sqlite_intake, *(Person(sqlite_intake, role, f"{role}-1") for role in ("clerk", "leader"))
    codes = [str(intake.file()["code"]) for _ in range(6)]
    for code, method in zip(codes, ("cash", "cash", "transfer"), strict=False):
        taken = {"method": method, "obligation": "", "reference": "FT1"}
        assert clerk.send(f"/intake/dossiers/{code}/payments/take", **taken) == 303
    payment = next(row["id"] for row in intake.rows("payment") if row["method"] == "cash")
    paid_for = next(row["dossier"] for row in intake.rows("payment") if row["id"] == payment)
    refund = f"/intake/dossiers/{paid_for}/payments/{payment}/refund"
    for amount in ("200000", "300000"):  # the second one is asked for and never paid out
        assert clerk.send(refund, amount=amount, reason="Thu thừa") == 303
    first = next(row["id"] for row in intake.rows("refund") if row["amount"] == 200_000)
    assert leader.send(f"/intake/payments/refunds/{first}", action=f"approve-{first}", reason="Đúng") == 303
    paid_out = {"action": f"pay-{first}", "method": "cash", "handed_to": "applicant"}
    assert clerk.send(f"/intake/payments/refunds/{first}", **paid_out) == 303
    waiver = {"evidence": "Giấy xác nhận", "seen": "shown"}
    for code, category, grant in ((codes[3], "poor", True), (codes[4], "poor", True), (codes[5], "child", False)):
        decided = waiver | {"category": category, "grant": grant, "reason": "Xem giấy"}
        assert intake.post(f"/dossiers/{code}/waivers", decided).status_code == 201
    day = {"desk": DESK, "day": "2025-11-20", "action": f"close-{DESK}-2025-11-20"}
    assert clerk.send("/intake/payments/day", counted=str(2 * FEE - 200_000), **day) == 303

    stats = ServiceUnderTest(
        "stats", prepared_files.copy(migrated("stats"), tmp_path / "stats.db"), tmp_path / "stats", HANDLERS
    )
    names = {name for name in HANDLERS if not name.startswith("store.")}
    told = [one for one in intake.emitted() if one["type"].split(".", 2)[2].removesuffix(".v1") in names] * 2
    random.Random(7).shuffle(told)
    for one in told:
        assert stats.apply(orjson.dumps(one)).parked == 0
    period = "?from=2025-11-20&to=2025-11-20"
    found = body(stats.client(create_app).get(f"/stats/api/summary{period}", headers=stats.headers("operator")))
    stats.store.close()

    (closing,) = intake.rows("day_closing")
    with intake.store.read() as connection:
        books = balances(connection)
    assert found["fees_paid"] == sum(row["amount"] for row in intake.rows("payment")) == 3 * FEE
    assert found["fees_paid"] - found["fees_refunded"] == closing["recorded"] + books[Account.BANK] == 3 * FEE - 200_000
    assert -books[Account.FEES] == found["fees_paid"] - found["fees_refunded"]
    assert found["fees_waived"] == sum(row["waived"] for row in intake.rows("fee_waiver")) == 2 * FEE
    assert found["waivers"] == [{"category": "poor", "procedure": LAND, "number": 2, "amount": 2 * FEE}]
    owed = sum(row["fee"] for row in intake.rows("dossier") if row["fee_paid_at"] is None)
    assert found["fees_paid"] + found["fees_waived"] + owed == 6 * FEE, "every fee is paid, waived or owed"
