"""One dossier whose messages go by SMS over SMPP, by e-mail, by a letter and by a parcel, each through a real process of its provider."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
import requests

from shared.client.http import wait_for
from shared.client.people import People, own_tokens
from shared.plugin_sdk.devtools.temp_resources import free_port
from shared.runtime.http_call import http_call
from tests.journeys import actors
from tests.journeys.actors import COPY, DESK
from tests.journeys.conftest import MONDAY
from tests.journeys.in_process_platform import InProcessPlatform, manual_clock
from tests.support.backends import Backends
from tests.support.mail import MailServer
from tests.support.mail_server import PASSWORD as MAIL_PASSWORD
from tests.support.mail_server import USER
from tests.support.pdf import text_of
from tests.support.processes import Proc, python, wait_port
from tests.support.sms_networks import PASSWORD, MessageCentre

POST_KEY = "the key of the post in tests, long enough"
NAME, ADDRESS = "Trần Quốc Việt", "Số 12, ấp Long Thành, xã Phước Long, tỉnh Cà Mau"
NUMBER = "0987654321"


@dataclass
class Providers:
    """The providers' processes."""

    network: MessageCentre
    mail: MailServer
    post: str

    def texts(self) -> list[str]:
        """The SMS that have reached the network."""
        return [text for _, text in self.network.texts()]


@pytest.fixture
def providers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Providers]:
    """A mobile network, a mail server and a postal provider, which the provider file names."""
    port = free_port()
    with ExitStack() as stack:
        network = stack.enter_context(MessageCentre(tmp_path))
        mail = stack.enter_context(MailServer(tmp_path / "mail", "starttls"))
        command = python("-m", "tests.support.postal_provider", str(port), POST_KEY)
        wait_port(port, process=stack.enter_context(Proc(command, log=tmp_path / "post.log")))
        found = Providers(network, mail, f"http://127.0.0.1:{port}")
        file = tmp_path / "providers.json"
        file.write_bytes(orjson.dumps(_entries(found)))
        monkeypatch.setenv("MOTCUA_NOTIFY_PROVIDERS", str(file))
        for name, secret in (("SMS_KEY", PASSWORD), ("MAIL_KEY", MAIL_PASSWORD), ("POST_KEY", POST_KEY)):
            monkeypatch.setenv(name, secret)
        yield found


def _entries(providers: Providers) -> dict[str, Any]:
    network = {"name": "network", "channel": "sms", "kind": "smpp", "address": f"127.0.0.1:{providers.network.port}"}
    network |= {"system_id": "motcua", "secret_env": "SMS_KEY", "sender": "MOT CUA"}
    mail = {"name": "mail", "channel": "email", "kind": "smtp", "address": f"127.0.0.1:{providers.mail.port}"}
    mail |= {"security": "starttls", "user": USER, "secret_env": "MAIL_KEY", "ca_file": providers.mail.certificate}
    mail |= {"sender": "motcua@example.vn"}
    post = {"name": "post", "address": providers.post, "secret_env": "POST_KEY"}
    return {"providers": [network, mail], "post": [post]}


class Clerk:
    """A clerk of the desk with a browser."""

    def __init__(self, platform: InProcessPlatform) -> None:
        self.address = platform.address
        self.headers = {
            "Authorization": f"Bearer {own_tokens(platform.settings)('clerk', DESK)}",
            "Accept": "text/html",
        }

    def get(self, path: str) -> requests.Response:
        """Opens a page."""
        answer = requests.get(self.address + path, headers=self.headers, timeout=30)
        assert answer.status_code == 200, answer.text
        return answer

    def send(self, path: str, **typed: str) -> str:
        """Sends a form; returns the page that it leads to."""
        data = {"form_key": secrets.token_urlsafe(), **typed}
        answer = requests.post(self.address + path, data=data, headers=self.headers, timeout=30, allow_redirects=False)
        assert answer.status_code == 303, answer.text
        return answer.headers["Location"]


@pytest.mark.timeout(240)
def test_a_dossier_sends_sms_an_email_a_letter_and_a_parcel(
    providers: Providers, file_backends: Backends, tmp_path: Path
) -> None:
    with InProcessPlatform(tmp_path, file_backends, manual_clock(MONDAY)) as platform:
        people, clerk = platform.people(), Clerk(platform)
        person = COPY["applicant"] | {"email": "viet@example.org", "address": ADDRESS}
        receipt = people.file(DESK, COPY | {"applicant": person})
        code, due = receipt["code"], datetime.fromisoformat(receipt["promised_at"])
        _await(lambda: [text for text in providers.texts() if f"Ho so {code} da duoc tiep nhan" in text], "the SMS")

        actors.step_at(people, code, "certify")
        platform.clock.pass_to(due + timedelta(minutes=1))
        _apologise(people, platform)
        _await(lambda: [text for text in providers.texts() if f"01/PXL-{DESK}" in text], "the SMS of the apology")
        _print_and_post_letter(clerk, code)

        providers.network.behave(refused={f"84{NUMBER[1:]}": 0x0B})  # the number has been given up meanwhile
        people.complete(actors.step_at(people, code, "certify"), "completed")
        mail = _await(lambda: [one for one in providers.mail.mails() if code in one.text("plain")], "the e-mail")[0]
        assert (mail.recipients, mail.tls) == (["viet@example.org"], True)

        _send_result(people, clerk, providers, receipt)
        shown = _await(lambda: _tracking(platform, receipt), "the tracking in the look-up")
        assert "Đã phát" in shown

        wanted = {("sms", "sent"), ("sms", "failed"), ("email", "sent"), ("letter", "sent")}
        _await(lambda: _log(people, code) >= wanted, "what became of each message")


def _log(people: People, code: str) -> set[tuple[str, str]]:
    return {(one["channel"], one["state"]) for one in people.messages(DESK, code)}


def _await(found: Any, what: str) -> Any:
    return wait_for(found, actors.TIMEOUT, what)


def _apologise(people: People, platform: InProcessPlatform) -> None:
    leader = people.client_for("leader", DESK)
    (draft,) = _await(lambda: leader.get("/routing/api/apologies")["items"], "the draft of the apology")
    new = MONDAY.replace(hour=16, minute=0) + timedelta(days=3)
    assert new > platform.clock.now()
    body = {"cause": "workload", "reason": "Máy in hỏng.", "new_due_at": new.isoformat()}
    assert leader.post(f"/routing/api/apologies/{draft['id']}/sign", body)["written_number"] == f"01/PXL-{DESK}"


def _print_and_post_letter(clerk: Clerk, code: str) -> None:
    _await(lambda: code in clerk.get("/notify/post/letters").text, "the letter")
    batch = clerk.send("/notify/post/letters", agency=DESK)
    printed = text_of(clerk.get(f"{batch}/letters.pdf").content)
    assert NAME in printed
    assert "ấp Long Thành" in printed
    assert f"01/PXL-{DESK}" in printed
    for action in ("printed", "posted"):
        clerk.send(batch, action=action)


def _send_result(people: People, clerk: Clerk, providers: Providers, receipt: dict[str, Any]) -> None:
    code = receipt["code"]
    typed = {"dossier": code, "contents": "result", "grams": "120", "address": ""}
    page = clerk.send("/notify/post/parcels", **typed)
    number = _await(lambda: re.search(r"\b[A-Z]{2}[0-9]{9}VN\b", clerk.get(page).text), "the parcel's number")[0]
    desk = people.client_for("clerk", DESK)
    desk.post(f"/intake/api/dossiers/{code}/return", {"method": "post", "parcel": number, "citizen_notified": True})
    event = {
        "number": number,
        "status": "delivered",
        "at": (MONDAY + timedelta(days=2)).isoformat(),
        "received_by": NAME,
    }
    told = {"url": f"{clerk.address}/notify/api/post-reports/post", "events": [event]}
    http_call("POST", f"{providers.post}/report", {}, orjson.dumps(told), 15)


def _tracking(platform: InProcessPlatform, receipt: dict[str, Any]) -> str:
    browser = platform.apps["intake"].test_client()
    typed = {"code": receipt["code"], "secret": receipt["secret"]}
    page = browser.post("/intake/", data=typed, headers={"Origin": "http://localhost"}, follow_redirects=True).text
    return page if "Đã phát" in page else ""
