"""Why an event is parked, in people's words. Nothing of its contents is shown: they may be personal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

KIND_LABELS: Mapping[str, tuple[str, str]] = {
    "not_yet": ("chờ một sự kiện khác quá lâu", "waited too long for another event"),
    "retry": ("thử nhiều lần không được", "failed at every attempt"),
    "permanent": ("nội dung không áp dụng được", "its contents cannot be applied"),
    "conflict": ("mâu thuẫn với dữ liệu đã có", "contradicts what is known"),
    "undecodable": ("không đọc được", "not readable"),
    "spoofed": ("nơi gửi không đúng", "its sender may not send it"),
    "crash": ("làm tiến trình dừng đột ngột", "workers died while they applied it"),
    "dead_letter": ("hệ thống truyền tin đã trả lại", "given up by the broker"),
    "missing": ("chưa nhận được", "has not arrived"),
}
"""Kind, see :mod:`shared.messaging.retry_policy` → why the event is parked, in Vietnamese and English."""


@dataclass(frozen=True, slots=True)
class ParkedEvent:
    """An event that waits for a person, as staff see it.

    Attributes:
        id: its number, as ``motcua parked list notify`` shows it.
        kind: why it is parked, see :data:`KIND_LABELS`.
        type: of the event.
        key: mostly the dossier's code.
        queued_at: since when, real time.
        waiting: other events of the same key that wait behind it.
        has_messages: whether there are messages about the dossier.
    """

    id: int
    kind: str
    type: str
    key: str
    queued_at: datetime
    waiting: int
    has_messages: bool

    @property
    def label(self) -> tuple[str, str]:
        """Why it is parked, in Vietnamese and English."""
        return KIND_LABELS.get(self.kind, (self.kind, self.kind))


@dataclass(frozen=True, slots=True)
class ParkedEvents:
    """Parked events, oldest first.

    Attributes:
        events: those that are shown.
        more: whether there may be others.
    """

    events: tuple[ParkedEvent, ...]
    more: bool
