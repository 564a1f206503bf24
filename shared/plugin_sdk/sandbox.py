"""Fake dossiers that flow through one agency, for a developer to play with: no database, no citizen, no law."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count, cycle
from typing import Any

from shared.contracts import ContractViolation, read_data
from shared.messaging.event import Undecodable
from shared.messaging.sender_identity import SpoofedSender, read_event
from shared.plugin_sdk.conformance.collector import ACCEPTED, Seen
from shared.plugin_sdk.conformance.fixtures import FakeEvent, assigned, enveloped


@dataclass(frozen=True)
class FakeStep:
    """A step as a route has it."""

    id: str
    name: str
    outcomes: tuple[str, ...] = ("completed", "refused")
    obligation_outcome: str | None = None
    official_role: str = "officer"


@dataclass(frozen=True)
class FakeProcedure:
    """A procedure with the steps that one agency does."""

    code: str
    name: str
    field: str
    steps: tuple[FakeStep, ...]


PROCEDURES = (
    FakeProcedure(
        "1.012756",
        "Đăng ký biến động quyền sử dụng đất, quyền sở hữu tài sản gắn liền với đất",
        "land",
        (
            FakeStep("assess", "Thẩm định hồ sơ, trích lục bản đồ địa chính"),
            FakeStep("tax", "Xác định nghĩa vụ tài chính", ("no_tax", "refused"), "obligation"),
            FakeStep("sign", "Ký Giấy chứng nhận", ("completed",), official_role="leader"),
        ),
    ),
    FakeProcedure(
        "1.001193",
        "Đăng ký khai sinh",
        "civil_status",
        (
            FakeStep("examine", "Kiểm tra tờ khai và giấy chứng sinh"),
            FakeStep("sign", "Ký Giấy khai sinh", ("completed",), official_role="leader"),
        ),
    ),
    FakeProcedure(
        "1.001612",
        "Đăng ký thành lập hộ kinh doanh",
        "business",
        (
            FakeStep("examination", "Kiểm tra hồ sơ, lấy mã số thuế, dự thảo Giấy chứng nhận"),
            FakeStep("signing", "Duyệt, ký kết quả", ("completed", "rework"), official_role="leader"),
        ),
    ),
)


@dataclass
class Dossier:
    """Where a fake dossier is."""

    procedure: FakeProcedure
    code: str
    position: int
    event: FakeEvent

    @property
    def step(self) -> FakeStep:
        """The step that the agency has."""
        return self.procedure.steps[self.position]


@dataclass(frozen=True)
class Reaction:
    """What follows from what an agency said.

    Attributes:
        text: for the developer.
        send: the next event for the agency, if there is one.
        ended: whether the dossier has ended.
    """

    text: str
    send: FakeEvent | None = None
    ended: bool = False


class Sandbox:
    """Makes dossiers and moves them on by the agency's decisions. Does not send anything itself.

    Args:
        agency: the agency's code.
    """

    def __init__(self, agency: str) -> None:
        self.agency = agency
        self._procedures = cycle(PROCEDURES)
        self._numbers = count(1)
        self._open: dict[str, Dossier] = {}
        self._answered: set[str] = set()

    def begin(self) -> Dossier:
        """A new dossier; its first step is in `event`."""
        procedure = next(self._procedures)
        code = f"{self.agency}-{datetime.now(UTC):%y%m%d}-{next(self._numbers):04d}"
        dossier = Dossier(procedure, code, 0, self._assigned(procedure, code, 0, ""))
        self._open[str(dossier.event.data["task"])] = dossier
        return dossier

    def react(self, seen: Seen) -> Reaction:
        """What follows from a message of the agency: the next step, the same one again, the end, or a refusal."""
        try:
            data = read_data(read_event(seen.body, self.agency))
        except (Undecodable, SpoofedSender, ContractViolation) as error:
            return Reaction(f"không đúng hợp đồng, bị gác lại · breaks the contract, parked: {error}")
        if seen.id in self._answered:
            return Reaction(f"{data['dossier']}: lặp lại, bỏ qua · repeated under the same id, ignored")
        self._answered.add(seen.id)
        dossier = self._open.get(data["task"])
        if dossier is None or dossier.code != data["dossier"]:
            return self._refused(seen, data, "already_done", "Bước này đã hoàn thành.", "This step is already done.")
        outcome = data.get("outcome")
        if outcome is not None and outcome not in dossier.event.outcomes:
            return self._refused(seen, data, "wrong_outcome", "Kết quả không có.", "The step has no such outcome.")
        return self._moved(dossier, seen.event(self.agency), data)

    def _moved(self, dossier: Dossier, event: str, data: Mapping[str, Any]) -> Reaction:
        about = f"{dossier.code} · {dossier.step.name}"
        note = f"  “{data['note']}”" if data["note"] else ""
        if event == ACCEPTED:
            return Reaction(f"{about}: đã tiếp nhận · accepted{note}")
        del self._open[str(dossier.event.data["task"])]
        if event == "step.returned":
            return Reaction(f"{about}: trả lại · handed back: {data['reason']}{note}", ended=True)
        if event == "supplement.requested":
            papers = "; ".join(data["papers"])
            again = self._go(dossier, dossier.position, f"Đã bổ sung: {papers}"[:4000])
            return Reaction(f"{about}: bổ sung · supplement: {data['reason']} ({papers}){note}", again)
        return self._completed(dossier, event, data, about, note)

    def _completed(self, dossier: Dossier, event: str, data: Mapping[str, Any], about: str, note: str) -> Reaction:
        paid = f", {data['amount']:,} đồng" if event == "obligation.requested" else ""
        text = f"{about}: {data['outcome']}{paid}{note}"
        if data["outcome"] == "refused":
            return Reaction(f"{text} → từ chối · refused", ended=True)
        if data["outcome"] == "rework":
            return Reaction(f"{text} → làm lại bước trước · step before again", self._go(dossier, 0, data["note"]))
        if dossier.position + 1 == len(dossier.procedure.steps):
            return Reaction(f"{text} → có kết quả · resolved", ended=True)
        return Reaction(text, self._go(dossier, dossier.position + 1, data["note"]))

    def _go(self, dossier: Dossier, position: int, note: str) -> FakeEvent:
        dossier.position = position
        dossier.event = self._assigned(dossier.procedure, dossier.code, position, note)
        self._open[str(dossier.event.data["task"])] = dossier
        return dossier.event

    def _refused(self, seen: Seen, data: Mapping[str, Any], code: str, vietnamese: str, english: str) -> Reaction:
        rejected = {
            "dossier": data["dossier"],
            "task": data["task"],
            "agency": self.agency,
            "decision": seen.id,
            "code": code,
            "message_vi": vietnamese,
            "message_en": english,
            "rejected_at": datetime.now(UTC).isoformat(),
        }
        text = f"{data['dossier']}: bị từ chối · rejected: {vietnamese} {english}"
        return Reaction(text, enveloped("agency.decision.rejected", rejected))

    def _assigned(self, procedure: FakeProcedure, code: str, position: int, note: str) -> FakeEvent:
        step = procedure.steps[position]
        return assigned(
            self.agency,
            dossier=code,
            step=step.id,
            name=step.name,
            official_role=step.official_role,
            procedure=procedure.code,
            procedure_name=procedure.name,
            field=procedure.field,
            outcomes=list(step.outcomes),
            obligation_outcome=step.obligation_outcome,
            note=note,
        )
