"""Fake dossiers that a developer's program decides, without a database, citizens or legal rules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count, cycle
from typing import Any

from shared.contracts import ContractViolation, read_data
from shared.messaging.event import Undecodable
from shared.messaging.sender_identity import SpoofedSender, read_event
from shared.plugin_sdk.conformance.collector import ACCEPTED, AgencyMessage
from shared.plugin_sdk.conformance.fixtures import FakeEvent, assigned_step, make_event


@dataclass(frozen=True)
class FakeStep:
    """A step of a fake procedure's route. A step that is not timed has no due time, as a tax office's step has none."""

    id: str
    name: str
    outcomes: tuple[str, ...] = ("completed", "refused")
    obligation_outcome: str | None = None
    official_role: str = "officer"
    timed: bool = True


@dataclass(frozen=True)
class FakeProcedure:
    """A procedure with the steps of one agency."""

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
            FakeStep("tax", "Xác định nghĩa vụ tài chính", ("no_tax", "refused"), "obligation", timed=False),
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
class FakeDossier:
    """A fake dossier and its current step."""

    procedure: FakeProcedure
    code: str
    position: int
    event: FakeEvent

    @property
    def step(self) -> FakeStep:
        """The current step."""
        return self.procedure.steps[self.position]


@dataclass(frozen=True)
class Transition:
    """The effect of one message from the agency.

    Attributes:
        text: describes it to the developer.
        send: the next event for the agency, if any.
        ended: whether the dossier is finished.
    """

    text: str
    send: FakeEvent | None = None
    ended: bool = False


class Sandbox:
    """Creates fake dossiers and applies the agency's decisions to them. The caller sends the events.

    Args:
        agency: the agency's code.
    """

    def __init__(self, agency: str) -> None:
        self.agency = agency
        self._procedures = cycle(PROCEDURES)
        self._numbers = count(1)
        self._open: dict[str, FakeDossier] = {}
        self._answered: set[str] = set()

    def start_dossier(self) -> FakeDossier:
        """Creates a dossier; its first step is in `event`."""
        procedure = next(self._procedures)
        code = f"{self.agency}-{datetime.now(UTC):%y%m%d}-{next(self._numbers):04d}"
        dossier = FakeDossier(procedure, code, 0, self._assigned_step(procedure, code, 0, ""))
        self._open[str(dossier.event.data["task"])] = dossier
        return dossier

    def apply(self, message: AgencyMessage) -> Transition:
        """Applies a message from the agency: the next step, the same step again, the end, or a rejection."""
        try:
            data = read_data(read_event(message.body, self.agency))
        except (Undecodable, SpoofedSender, ContractViolation) as error:
            return Transition(f"không đúng hợp đồng, bị gác lại · violates the contract, parked: {error}")
        if message.id in self._answered:
            return Transition(f"{data['dossier']}: lặp lại, bỏ qua · repeated with the same id, ignored")
        self._answered.add(message.id)
        dossier = self._open.get(data["task"])
        if dossier is None or dossier.code != data["dossier"]:
            return self._reject(message, data, "already_done", "Bước này đã hoàn thành.", "This step is already done.")
        outcome = data.get("outcome")
        if outcome is not None and outcome not in dossier.event.outcomes:
            return self._reject(message, data, "wrong_outcome", "Kết quả không có.", "The step has no such outcome.")
        return self._apply_decision(dossier, message.event_name(self.agency), data)

    def _apply_decision(self, dossier: FakeDossier, event: str, data: Mapping[str, Any]) -> Transition:
        about = f"{dossier.code} · {dossier.step.name}"
        note = f"  “{data['note']}”" if data["note"] else ""
        if event == ACCEPTED:
            return Transition(f"{about}: đã tiếp nhận · accepted{note}")
        del self._open[str(dossier.event.data["task"])]
        if event == "step.returned":
            return Transition(f"{about}: trả lại · returned: {data['reason']}{note}", ended=True)
        if event == "supplement.requested":
            papers = "; ".join(data["papers"])
            same_step = self._assign(dossier, dossier.position, f"Đã bổ sung: {papers}"[:2000])
            return Transition(f"{about}: bổ sung · supplement: {data['reason']} ({papers}){note}", same_step)
        return self._complete(dossier, event, data, about, note)

    def _complete(self, dossier: FakeDossier, event: str, data: Mapping[str, Any], about: str, note: str) -> Transition:
        paid = f", {data['amount']:,} đồng" if event == "obligation.requested" else ""
        text = f"{about}: {data['outcome']}{paid}{note}"
        if data["outcome"] == "refused":
            return Transition(f"{text} → từ chối · refused", ended=True)
        if data["outcome"] == "rework":
            return Transition(
                f"{text} → làm lại bước trước · previous step again", self._assign(dossier, 0, data["note"])
            )
        if dossier.position + 1 == len(dossier.procedure.steps):
            return Transition(f"{text} → có kết quả · resolved", ended=True)
        return Transition(text, self._assign(dossier, dossier.position + 1, data["note"]))

    def _assign(self, dossier: FakeDossier, position: int, note: str) -> FakeEvent:
        dossier.position = position
        dossier.event = self._assigned_step(dossier.procedure, dossier.code, position, note)
        self._open[str(dossier.event.data["task"])] = dossier
        return dossier.event

    def _reject(
        self, message: AgencyMessage, data: Mapping[str, Any], code: str, vietnamese: str, english: str
    ) -> Transition:
        rejected = {
            "dossier": data["dossier"],
            "task": data["task"],
            "agency": self.agency,
            "decision": message.id,
            "code": code,
            "message_vi": vietnamese,
            "message_en": english,
            "rejected_at": datetime.now(UTC).isoformat(),
        }
        text = f"{data['dossier']}: bị từ chối · rejected: {vietnamese} {english}"
        return Transition(text, make_event("agency.decision.rejected", rejected))

    def _assigned_step(self, procedure: FakeProcedure, code: str, position: int, note: str) -> FakeEvent:
        step = procedure.steps[position]
        untimed = {} if step.timed else {"due_at": None, "counted": False}
        return assigned_step(
            self.agency,
            **untimed,
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
