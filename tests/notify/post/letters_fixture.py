"""Letters for tests."""

from __future__ import annotations

import time
from datetime import datetime
from typing import Any

from services.notify.channels.port import LetterContent, Outcome, Outgoing
from services.notify.post.letters.queue import LetterQueue
from shared.calendar import TIMEZONE
from tests.support.service import ServiceUnderTest, reference

DESK = "H12.31.01"
ADDRESS = ("Số 12, đường Lê Lợi", "phường Vĩnh Thông", "tỉnh An Giang")
AT = datetime(2025, 11, 24, 9, 0, tzinfo=TIMEZONE)


def outgoing(id: str, **different: Any) -> Outgoing:
    """A letter as the sender gives it to the provider."""
    content = {
        "name": "Nguyễn Thị Bưởi",
        "address": ADDRESS,
        "subject": "Xin lỗi vì trả kết quả quá hạn",
        "body": "Đoạn một.\n\nĐoạn hai.",
    }
    values = {"dossier": f"{DESK}-251120-0001", "kind": "apology", "agency": DESK, "address": "", "language": "vi"}
    content |= {name: different.pop(name) for name in list(different) if name in content}
    given = LetterContent(**content)  # type: ignore[arg-type]
    return Outgoing(id=id, content=given, **(values | different))


def queue(service: ServiceUnderTest) -> LetterQueue:
    """The queue of letters of a service."""
    return LetterQueue("post", service.store, reference().agencies)


def send(service: ServiceUnderTest, *letters: Outgoing) -> list[Outcome]:
    """Gives letters to the queue."""
    return [outcome for _, outcome in queue(service).send(letters, time.monotonic() + 60)]
