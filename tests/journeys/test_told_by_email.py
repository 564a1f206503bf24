"""A citizen who wants e-mail gets the first message by e-mail, in their language, and no SMS."""

from __future__ import annotations

from email import message_from_bytes
from email.policy import default

from services.registry import SERVICE_NAMES
from shared.client.tracked_dossier import LAND_TRANSFER
from tests.faults.delivery_audit import pending_work
from tests.journeys.actors import DESK
from tests.journeys.in_process_platform import InProcessPlatform
from tests.support.processes import wait_until


def test_who_wants_e_mail_gets_e_mail(platform: InProcessPlatform) -> None:
    wishes = {"email": "buoi@example.vn", "channels": ["email"], "language": "en"}
    receipt = platform.people().file(DESK, LAND_TRANSFER | {"applicant": LAND_TRANSFER["applicant"] | wishes})
    spool = platform.settings.data / "email"
    wait_until(lambda: list(spool.glob("*.eml")), what="the e-mail")
    stores = {name: platform.context(name).store for name in SERVICE_NAMES}
    wait_until(lambda: not any(pending_work(stores, platform.settings).values()), what="everything processed")
    (sent,) = [message_from_bytes(file.read_bytes(), policy=default) for file in spool.glob("*.eml")]
    assert sent["To"] == "buoi@example.vn"
    body = sent.get_body(("plain",))
    assert body is not None
    assert receipt["code"] in body.get_content()
    assert "dossier" in body.get_content(), "in English"
    assert list(platform.spool.glob("*.json")) == []
