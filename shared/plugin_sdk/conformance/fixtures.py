"""Fake events, as the platform sends them to an agency."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from shared.messaging.event import SEQUENCE_DIGITS, event_type, new_id

SOURCE = "/motcua/routing"
_numbers = count(1)


@dataclass(frozen=True)
class FakeEvent:
    """An event for an agency about a dossier that does not exist.

    Attributes:
        envelope: the CloudEvent.
    """

    envelope: Mapping[str, Any] = field(repr=False)

    @property
    def id(self) -> str:
        """The event's id."""
        return str(self.envelope["id"])

    @property
    def data(self) -> Mapping[str, Any]:
        """The event's fields."""
        found: Mapping[str, Any] = self.envelope["data"]
        return found

    @property
    def dossier(self) -> str:
        """The dossier's code."""
        return str(self.data["dossier"])

    @property
    def outcomes(self) -> set[str]:
        """All outcomes that a decision may have."""
        return {outcome for outcome in (*self.data["outcomes"], self.data["obligation_outcome"]) if outcome}

    def to_json(self) -> bytes:
        """The message body, with non-ASCII characters unescaped."""
        return json.dumps(self.envelope, ensure_ascii=False).encode()


def assigned_step(agency: str, **changes: Any) -> FakeEvent:
    """A step for the agency to decide. Its texts are ASCII unless changed.

    Args:
        agency: the agency's code.
        changes: fields of the data to change or add.
    """
    number = next(_numbers)
    now = datetime.now(UTC)
    data = {
        "dossier": f"{agency}-{now:%y%m%d}-{number:04d}",
        "task": new_id(),
        "step": "assess",
        "name": "Tham dinh ho so",
        "agency": agency,
        "official_role": "officer",
        "procedure": "1.012756",
        "procedure_name": "Dang ky bien dong quyen su dung dat",
        "case": "default",
        "field": "land",
        "receiving_agency": "H12.20",
        "counted": True,
        "assigned_at": now.isoformat(),
        "due_at": (now + timedelta(days=3)).isoformat(),
        "outcomes": ["completed", "refused"],
        "obligation_outcome": None,
        "wait_until": None,
        "note": "",
        "regulation": "nd118-2025",
        **changes,
    }
    return make_event("agency.step.assigned", data)


def make_event(name: str, data: Mapping[str, Any], **attributes: Any) -> FakeEvent:
    """An event from routing about a dossier.

    Args:
        name: the event's short name, such as ``agency.step.assigned``.
        attributes: CloudEvents attributes to add or replace.
    """
    return FakeEvent(
        {
            "specversion": "1.0",
            "id": new_id(),
            "source": SOURCE,
            "type": event_type(name),
            "time": datetime.now(UTC).isoformat(),
            "datacontenttype": "application/json",
            "partitionkey": data["dossier"],
            "sequence": f"{1:0{SEQUENCE_DIGITS}d}",
            "data": dict(data),
            **attributes,
        }
    )
