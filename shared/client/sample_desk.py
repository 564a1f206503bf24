"""What sample desks have beside dossiers: visitors who were turned away, parcels, waivers of fees and a legal hold."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from typing import Any

from shared.client.people import People
from shared.client.sample_filing import sample_person
from shared.client.tracked_dossier import LAND_TRANSFER
from shared.identity_provider.citizens import SampleCitizen, sample_citizens

GUIDED: Mapping[str, Any] = {
    "kind": "supplement_request",
    "procedure": LAND_TRANSFER["procedure"],
    "case": LAND_TRANSFER["case"],
    "reason": "papers_missing",
    "note": "Hợp đồng phải được công chứng hoặc chứng thực.",
    "papers": ["contract", "Chữ ký của người nộp trên đơn đăng ký"],
}
REFUSED: Mapping[str, Any] = {
    "kind": "refusal",
    "matter": "Yêu cầu giải quyết tranh chấp nợ",
    "reason": "not_competent",
    "note": "Tranh chấp về nợ do Tòa án nhân dân khu vực giải quyết.",
}
"""What a desk tells visitors from whom it receives nothing."""
WAIVED: Mapping[str, Any] = {"grant": True, "seen": "shown"}
NOT_WAIVED: Mapping[str, Any] = {"grant": False, "reason": "Giấy chứng nhận đã hết giá trị."}
"""How two waivers of a fee are decided."""

VISITORS = (
    ("land", ""),
    ("civil_status", ""),
    ("land", "elderly"),
    ("land", ""),
    ("land", ""),
    ("results", ""),
    ("land", ""),
    ("civil_status", "small_child"),
)
"""Visitors of a desk: their service group, and of which class of people with priority they are."""
COUNTER = 1
ENDS = (("begin", "finish"), ("begin", "finish"), ("miss",), ("recall",))
"""What is done with the first who are called to the counter."""


class SampleDesks:
    """Acts at one-stop desks.

    Args:
        people: the people who act.
        desks: codes of the desks.
        seed: the same seed gives the same people.
    """

    def __init__(self, people: People, desks: Sequence[str], seed: int = 1) -> None:
        self._people = people
        self._desks = desks
        self._chance = random.Random(seed)

    def decline(self) -> list[str]:
        """At each desk one visitor is told what is missing, and one is refused; returns the numbers of their papers.

        At the first desk it is a sample citizen who has filed nothing, so that the counter says so when that citizen comes again.
        """
        return [self._decline(desk, answer) for desk in self._desks for answer in (GUIDED, REFUSED)]

    def _decline(self, desk: str, answer: Mapping[str, Any]) -> str:
        visitor = self._somebody()
        if desk == self._desks[0] and answer is GUIDED:
            visitor = next(as_visitor(one) for one in sample_citizens().values() if not one.phone)
        body = {"receiving_agency": desk, "applicant": visitor, **answer}
        paper: str = self._clerk(desk).post("/intake/api/declined-filings", body)["number"]
        return paper

    def register_parcels(self) -> list[str]:
        """At each desk a parcel has come, and at the first one another, for which papers are asked; returns the applications' codes."""
        codes = [self._register(desk) for desk in (*self._desks, self._desks[0])]
        asked = {"papers": ["Bản sao có chứng thực"], "reason": "Bản sao đã gửi không rõ chữ ký."}
        self._clerk(self._desks[0]).post(f"/intake/api/applications/{codes[-1]}/supplement-request", asked)
        return codes

    def _register(self, desk: str) -> str:
        sender = self._somebody()
        number = f"RB{self._chance.randrange(10**9):09d}VN"
        body = {**LAND_TRANSFER, "receiving_agency": desk, "applicant": sender}
        body["parcel"] = {"number": number, "sender": sender["name"]}
        code: str = self._clerk(desk).post("/intake/api/applications", body)["code"]
        return code

    def waive(self, codes: Sequence[str]) -> list[str]:
        """The fees of two of some dossiers are asked to be waived: one is, one is not; returns the states of the waivers."""
        owing = [code for code in codes if self._owes(code)]
        return [
            self._clerk(self._desk_of(code)).post(
                f"/intake/api/dossiers/{code}/waivers",
                {"category": "poor", "evidence": "Giấy chứng nhận hộ nghèo", **decision},
            )["state"]
            for code, decision in zip(owing, (WAIVED, NOT_WAIVED), strict=False)
        ]

    def receive_visitors(self) -> list[str]:
        """At each desk visitors of today have taken numbers; two are served, one missed the call and one is called. Returns all numbers.

        A desk that has visitors today already is left alone.
        """
        return [number for desk in self._desks for number in self._visitors(desk)]

    def _visitors(self, desk: str) -> list[str]:
        clerk, at = self._clerk(desk), f"/intake/api/desks/{desk}"
        if clerk.get(f"{at}/tickets")["items"] or any(one["since"] for one in clerk.get(f"{at}/counters")["items"]):
            return []
        issued = [clerk.post(f"{at}/tickets", {"group": group, "priority": who}) for group, who in VISITORS]
        clerk.post(f"{at}/counters/{COUNTER}/open", {})
        for actions in ENDS:
            ticket = clerk.post(f"{at}/counters/{COUNTER}/call-next", {})["ticket"]
            for action in actions:
                clerk.post(f"{at}/counters/{COUNTER}/tickets/{ticket['id']}/{action}", {})
        return [ticket["number"] for ticket in issued]

    def hold(self, code: str) -> None:
        """The personal data of a dossier are kept beyond their time."""
        body = {"held": True, "reason": "Đơn khiếu nại số 12/ĐKN đang được giải quyết."}
        self._people.client_for("leader", self._desk_of(code)).post(f"/intake/api/dossiers/{code}/legal-hold", body)

    def _owes(self, code: str) -> bool:
        found = self._clerk(self._desk_of(code)).get(f"/intake/api/dossiers/{code}")
        return bool(found["fee"]) and found["fee_paid_at"] is None

    def _desk_of(self, code: str) -> str:
        return next(desk for desk in self._desks if code.startswith(desk))

    def _clerk(self, desk: str) -> Any:
        return self._people.client_for("clerk", desk)

    def _somebody(self) -> dict[str, str]:
        return sample_person(self._chance, self._chance.randrange(10**8))


def as_visitor(citizen: SampleCitizen) -> dict[str, str]:
    """A sample citizen as a desk writes them down."""
    known = {"name": citizen.name, "id_number": citizen.citizen_id, "phone": citizen.phone, "address": citizen.address}
    return {name: text for name, text in known.items() if text}
