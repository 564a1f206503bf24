"""What people type about people is readable in no table, file, event, log line, metric or address of intake, whichever way it came in."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import MetaData, select

from tests.intake.online_fixture import OWN, CitizenBrowser, pdf
from tests.intake.payments.test_refunds_and_closing import Person
from tests.intake.service_fixture import DESK, LAND, LAND_TRANSFER, REGISTRY, IntakeService

WORD = "Zqxương"
"""A word of every text; no table or page has it by itself."""


class Marks:
    """Made-up personal data. Each name and text has :data:`WORD`, and every number is remembered."""

    def __init__(self) -> None:
        self.numbers: list[str] = []

    def text(self, about: str) -> str:
        """A text about somebody."""
        return f"{about} {WORD} {len(self.numbers)}"

    def id_number(self) -> str:
        """A new identity number."""
        return self._number(f"0951857{len(self.numbers):05d}")

    def phone(self) -> str:
        """A new telephone number."""
        return self._number(f"09128{len(self.numbers):05d}")

    def in_(self, content: str) -> list[str]:
        """What of all this can be read in a content."""
        folded = content.casefold()
        escaped = WORD.encode("ascii", "backslashreplace").decode()
        words = [word for word in (WORD, escaped, "zqxuong") if word.casefold() in folded]
        return words + [number for number in self.numbers if number.lstrip("0") in content]

    def _number(self, number: str) -> str:
        self.numbers.append(number)
        return number


def person(marks: Marks) -> dict[str, Any]:
    """An applicant."""
    return {
        "name": marks.text("Nguyễn"),
        "id_number": marks.id_number(),
        "phone": marks.phone(),
        "email": "zqxuong@example.vn",
        "address": marks.text("Ấp"),
        "old_id_number": "3618" + marks.id_number()[-5:],
    }


def file_at_the_counter(intake: IntakeService, marks: Marks) -> str:
    """A filing with everybody who may take part, and all that is typed about them afterwards."""
    body = LAND_TRANSFER | {
        "applicant": person(marks),
        "representative": {
            "name": marks.text("Lê"),
            "id_number": marks.id_number(),
            "relation": "authorised",
            "authority": marks.text("Giấy ủy quyền"),
            "phone": marks.phone(),
        },
        "co_applicants": [
            {"name": marks.text("Trần"), "id_number": marks.id_number(), "address": marks.text("Khóm")},
        ],
        "papers": [*LAND_TRANSFER["papers"], {"name": marks.text("Đơn của bà"), "form": "original", "kept": True}],
    }
    receipt = ok(intake.post("/dossiers", body, key="filing")).json
    code = str(receipt["code"])
    ok(intake.post("/dossiers", body, key="filing"))
    claim_waiver(intake, marks, receipt)
    correction = {"name": marks.text("Nguyễn Văn"), "phone": marks.phone(), "reason": marks.text("Sai")}
    ok(intake.client.patch(f"/intake/api/dossiers/{code}/applicant", json=correction, headers=intake.token() | KEY))
    paid = {"amount": 550_000, "method": "transfer", "reference": marks.text("CK của")}
    payment = ok(intake.post(f"/dossiers/{code}/payments", paid, key="payment")).json["id"]
    clerk, leader = Person(intake, "clerk", "clerk-7"), Person(intake, "leader", "leader-1")
    refund = {"amount": "550000", "reason": marks.text("Thu thừa của")}
    assert clerk.send(f"/intake/dossiers/{code}/payments/{payment}/refund", **refund) == 303
    (asked,) = intake.rows("refund")
    approve = {"action": "approve", "reason": marks.text("Đồng ý với")}
    assert leader.send(f"/intake/payments/refunds/{asked['id']}", **approve) == 303
    intake.receive_event("step.assigned", code, agency=REGISTRY, task="t-1", assigned_at="2025-11-20T10:00:00+07:00")
    said = {"action": "call", "text": marks.text("Gọi cho"), "direction": "out", "happened_at": "2025-11-20T08:00"}
    assert clerk.send(f"/intake/dossiers/{code}/conversation", **said) == 303
    assert clerk.get(f"/intake/dossiers/{code}/conversation").status_code == 200
    asked_for: dict[str, Any] = {"papers": [marks.text("Bản sao của")], "reason": marks.text("Thiếu của")}
    assert intake.receive_event("supplement.requested", code, task="t-1", agency=REGISTRY, **asked_for).applied == 1
    handed = {"papers": [marks.text("Thêm của")], "note": marks.text("Bà")}
    ok(intake.post(f"/dossiers/{code}/supplement", handed, key="supplement"))
    assert clerk.send("/intake/dossiers", text=marks.text("Tìm")) == 303
    assert clerk.get("/intake/dossiers").status_code == 200
    assert clerk.get(f"/intake/dossiers/{code}").status_code == 200
    return code


def claim_waiver(intake: IntakeService, marks: Marks, receipt: dict[str, Any]) -> None:
    """A waiver of the fee that the citizen asks for with evidence, and that a clerk, with a scan, refuses."""
    browser, headers = intake.client.application.test_client(), {"Accept": "text/html", "Origin": "http://localhost"}
    clerk, path = Person(intake, "clerk", "clerk-7"), f"/intake/dossiers/{receipt['code']}/payments/waiver"

    def send(one: Any, address: str, **typed: Any) -> None:
        ok(one.post(address, data={"form_key": address} | typed, headers=headers))

    def file() -> tuple[BytesIO, str]:
        return BytesIO(pdf(WORD.encode())), f"{marks.text('Giấy của')}.pdf"

    send(browser, "/intake/pay", code=receipt["code"], secret=receipt["secret"])
    claim = {"evidence": marks.text("Giấy hộ nghèo của"), "number": marks.id_number()}
    send(browser, "/intake/pay/waiver", category="poor", **claim)
    send(browser, "/intake/pay/waiver/files", file=file())
    send(browser, "/intake/pay/waiver/check", dossier=receipt["code"])
    send(clerk.client, f"{path}/files", file=file())
    (asked,) = intake.rows("fee_waiver")
    assert len([row for row in intake.rows("upload") if row["draft"] == asked["id"]]) == 2
    refusal = {"waiver": asked["id"], "decision": "refuse", "reason": marks.text("Hết hạn, của")}
    assert clerk.send(path, **refusal) == 303


def hand_over(intake: IntakeService, marks: Marks, code: str) -> None:
    """The result goes to the representative; the papers go back."""
    intake.receive_event("dossier.resolved", code, outcome="completed", resolved_at="2025-11-28T10:00:00+07:00")
    given: dict[str, Any] = {
        "identity": "authorisation",
        "receiver_name": marks.text("Lê"),
        "note": marks.text("Đưa cho"),
    }
    given |= {"document": marks.text("Giấy ủy quyền"), "citizen_notified": True}
    ok(intake.post(f"/dossiers/{code}/return", given, key="return"))


def withdraw(intake: IntakeService, marks: Marks) -> None:
    code = str(ok(intake.post("/dossiers", LAND_TRANSFER | {"applicant": person(marks)})).json["code"])
    ok(intake.post(f"/dossiers/{code}/withdraw", {"reason": marks.text("Bà rút")}, key="withdraw"))


def stop(intake: IntakeService, marks: Marks) -> None:
    code = str(ok(intake.post("/dossiers", LAND_TRANSFER | {"applicant": person(marks)})).json["code"])
    reason = marks.text("Bà không bổ sung")
    assert intake.receive_event("dossier.stopped", code, reason=reason, stopped_at="2025-11-28T10:00:00+07:00").applied


def file_by_post(intake: IntakeService, marks: Marks) -> None:
    """A parcel, of which papers are asked for, and one that is refused."""
    body = {name: LAND_TRANSFER[name] for name in ("procedure", "case", "receiving_agency")}
    for answer in ("supplement", "refuse"):
        parcel = {"number": "RB123456789VN", "sender": marks.text("Bà")}
        delivery = {"by": "post", "address": marks.text("Ấp")}
        body |= {"applicant": person(marks), "parcel": parcel, "delivery": delivery, "note": marks.text("Bà")}
        code = ok(intake.post("/applications", body | {"papers": [marks.text("Đơn")]}, key=f"post-{answer}")).json[
            "code"
        ]
        if answer == "refuse":
            ok(intake.post(f"/applications/{code}/refuse", {"reason": marks.text("Bà")}, key="refuse"))
            continue
        asked = {"papers": ["Bản sao Giấy chứng nhận"], "reason": marks.text("Thiếu của")}
        ok(intake.post(f"/applications/{code}/supplement-request", asked, key="ask"))
        ok(intake.post(f"/applications/{code}/supplement", {"papers": [marks.text("Giấy của")]}, key="came"))


def file_online(intake: IntakeService, marks: Marks) -> None:
    """A draft that is submitted, and one that stays."""
    me = CitizenBrowser(intake, marks.id_number())
    for submitted in (True, False):
        draft = me.begin(LAND)
        me.post(f"/drafts/{draft}/case", case="transfer")
        me.post(f"/drafts/{draft}/desk", desk=DESK)
        applicant = {"phone": marks.phone(), "email": "zqxuong@example.vn", "address": marks.text("Ấp")}
        assert me.post(f"/drafts/{draft}/applicant", **applicant).status_code == 303
        me.post(f"/drafts/{draft}/others")
        for paper in ("application", "certificate", "contract"):
            assert me.upload(draft, paper, pdf(WORD.encode()), "don.pdf").status_code == 303
        me.post(f"/drafts/{draft}/papers")
        assert me.post(f"/drafts/{draft}/result", delivery="post", delivery_address=marks.text("Ấp")).status_code == 303
        me.post(f"/drafts/{draft}/fee")
        if submitted:
            assert me.submit(draft).status_code == 303


def export(intake: IntakeService, marks: Marks) -> None:
    """All that is kept about a person goes to them, and to a clerk for them; the other services have answered."""
    known = person(marks)
    code = str(ok(intake.post("/dossiers", LAND_TRANSFER | {"applicant": known})).json["code"])
    me = CitizenBrowser(intake, known["id_number"], known["name"])
    place = me.client.post("/intake/mine/data", headers=OWN).headers["Location"]
    clerk = Person(intake, "clerk", "clerk-7")
    form = {"id_kind": "citizen_id", "id_number": known["id_number"], "name": known["name"], "checked": "yes"}
    assert clerk.send("/intake/data-exports", text=marks.text("Đề nghị của bà"), **form) == 303
    for asked in intake.emitted("personal_data.requested"):
        told: dict[str, Any] = {"request": asked["data"]["request"], "messages": [{"text": marks.text("Ho so cua")}]}
        intake.receive_event("personal_data.messages_provided", code, contact={"phone": marks.phone()}, **told)
        rating = {"comment": marks.text("Cảm ơn")}
        intake.receive_event("personal_data.rating_provided", code, request=told["request"], rating=rating)
    for path in (place, f"{place}/data.json"):
        assert WORD in me.client.get(path, headers=OWN).text
    (made,) = (row for row in intake.rows("data_export") if row["desk"])
    for path in ("", f"/{made['id']}", f"/{made['id']}/data.json"):
        assert WORD in clerk.get(f"/intake/data-exports{path}").text


def turn_away(intake: IntakeService, marks: Marks) -> None:
    """Somebody whose filing the desk does not receive, who is looked for later, and whose dossier is held."""
    clerk = Person(intake, "clerk", "clerk-8")
    one = {f"applicant.{name}": text for name, text in person(marks).items()}
    said = {"declined.matter": marks.text("Việc của"), "declined.note": marks.text("Bà"), "do": "confirm"}
    assert clerk.send("/intake/desk/refusal", **one, **said, **{"declined.reason": "other"}) == 303
    asked = {"declined.papers": marks.text("Giấy của"), "declined.reason": "papers_missing", "do": "confirm"}
    assert clerk.send(f"/intake/desk/{LAND}/supplement-request?case=transfer", **one, **asked) == 303
    assert clerk.send("/intake/desk/declined", text=one["applicant.name"]) == 303
    (code, *_) = (str(row["code"]) for row in intake.rows("dossier"))
    held = {"held": True, "reason": marks.text("Đơn của")}
    ok(intake.post(f"/dossiers/{code}/legal-hold", held, role="leader", agency=DESK, key="hold"))


KEY = {"Idempotency-Key": "correction"}


def ok(answer: Any) -> Any:
    assert answer.status_code < 400, answer.text
    return answer


@pytest.fixture
def addresses(intake: IntakeService) -> list[str]:
    """All addresses that are asked for or redirected to."""
    seen: list[str] = []
    app = intake.client.application
    inner = app.wsgi_app

    def noting(environ: dict[str, Any], start: Callable[..., Any]) -> Any:
        seen.append(f"{environ['PATH_INFO']}?{environ['QUERY_STRING']}".encode("latin-1").decode("utf-8", "replace"))

        def begin(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            seen.extend(value for name, value in headers if name == "Location")
            return start(status, headers, *rest)

        return inner(environ, begin)

    app.wsgi_app = noting
    return seen


def tables_of(intake: IntakeService) -> Iterator[tuple[str, str]]:
    """The texts of each column as the database has them."""
    stored = MetaData()
    with intake.store.read() as connection:
        stored.reflect(connection)
        for table in stored.tables.values():
            rows = connection.execute(select(table)).all()
            for place, column in enumerate(table.c):
                yield f"{table.name}.{column.name}", "\n".join(str(row[place]) for row in rows)


def test_nothing_typed_about_people_can_be_read(
    intake: IntakeService, addresses: list[str], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    marks = Marks()
    with caplog.at_level(logging.DEBUG):
        hand_over(intake, marks, file_at_the_counter(intake, marks))
        withdraw(intake, marks)
        stop(intake, marks)
        file_by_post(intake, marks)
        file_online(intake, marks)
        export(intake, marks)
        turn_away(intake, marks)
        metrics = intake.client.get("/intake/metrics").text
    assert len(marks.numbers) > 12, "it searches for what is nowhere"
    readable = {place: found for place, content in tables_of(intake) if (found := marks.in_(content))}
    assert not readable
    for path in (path for path in tmp_path.rglob("*") if path.is_file()):
        assert not marks.in_(path.read_bytes().decode("utf-8", "replace")), path
    assert not marks.in_(metrics)
    assert not marks.in_("\n".join(addresses))
    assert not marks.in_("\n".join(record.getMessage() + str(vars(record)) for record in caplog.records))
