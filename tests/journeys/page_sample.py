"""A platform with something at each place that pages show, and every page as everybody sees it who may."""

from __future__ import annotations

import json
import re
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from http.cookies import SimpleCookie
from io import BytesIO
from typing import Any
from urllib.parse import urlencode

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from services.intake.online_supplements.domain import paper_key
from services.intake.payments.closing import store as closing
from services.intake.payments.refunds import store as refunds
from services.intake.sign_in.session import COOKIE
from shared.client.http import wait_for
from shared.client.people import own_tokens
from shared.client.tracked_dossier import LAND_TRANSFER, token_in
from shared.runtime.context import Context
from shared.web.authorization import routes_with_roles
from tests.intake.online_fixture import CitizenBrowser, pdf
from tests.journeys.actors import COPY, DESK, LAND_REGISTRY, TIMEOUT, certify, step_at
from tests.journeys.in_process_platform import InProcessPlatform
from tests.support.html import Element, read_page
from tests.support.routes import filled

NOT_PAGES = re.compile(
    r"/api/|/health/|/metrics$|\.json$|/static/|/assets|/files/|\.pdf$|\.xlsx$|^/intake(/dossier)?/documents/<"
)
"""What is no page: data, and files to be kept or printed."""
ELSEWHERE = {
    "/intake/online",
    "/intake/online/sign-in/start",
    "/intake/online/sign-in/callback",
    "/intake/online/drafts/<id>",
}
"""Addresses that only lead on to others."""
TOLD_ONCE = {
    "/intake/dossiers/<code>/applicant/corrected": "motcua_corrected",
    "/intake/applications/parcel/registered": "motcua_parcel",
}
"""Pages that show for some minutes what a form has answered, and the cookie that carries it."""
OWN_SUPPLEMENT = "/intake/dossier/supplement"
OWN_WAIVER = "/intake/pay/waiver"
CITIZEN = ("citizen", "")
READERS = (
    ("", ""),
    CITIZEN,
    ("clerk", DESK),
    ("officer", LAND_REGISTRY),
    ("leader", LAND_REGISTRY),
    ("leader", DESK),
    ("leader", "H12.20"),
    ("auditor", ""),
)
Page = tuple[str, Element]

LAND_ANSWERS = {
    "q-transaction": "transfer",
    "q-mortgage": "no",
    "q-recipients": "no",
    "q-representative": "myself",
    "remote": "no",
}
"""Answers to all questions about a land transfer, so that its checklist is shown."""


@dataclass(frozen=True)
class Intake:
    """Intake as the browser of a citizen needs it."""

    context: Context
    client: Any


class Sample:
    """A platform with a dossier, an application, a draft and a payment at each place that pages show."""

    def __init__(self, platform: InProcessPlatform) -> None:
        self.platform = platform
        people = platform.people()
        self.receipt = people.file(DESK, LAND_TRANSFER)
        people.complete(step_at(people, self.receipt["code"], "transfer"), "completed")
        self.task = step_at(people, self.receipt["code"], "assessment")
        rated = people.file(DESK, COPY)
        certify(people, rated["code"])
        text = wait_for(
            lambda: people.received_text(rated["code"], "rating_invitation"), TIMEOUT, "the invitation to rate"
        )
        for subject, agency in (("officer-8", DESK), ("officer-9", LAND_REGISTRY)):
            self.send(
                "routing", ("leader", agency), "/routing/people", action="official", subject=subject, role="officer"
            )
        draft = f"/intake/procedures/{LAND_TRANSFER['procedure']}/draft"
        self.send("intake", ("leader", "H12.20"), draft, number="0")
        context = platform.context("intake")
        self.citizen = CitizenBrowser(Intake(context, platform.apps["intake"].test_client()))
        self.draft, self.submitted = self.citizen.begin(), self.citizen.begin()
        for one in (self.draft, self.submitted):
            self.citizen.fill(one)
        assert self.citizen.submit(self.submitted).status_code == 303
        other = CitizenBrowser(Intake(context, platform.apps["intake"].test_client()), "096085003456")
        shared = other.begin()
        other.fill(shared)
        assert other.post(f"/drafts/{shared}/people", id_number=self.citizen.citizen.id_number).status_code == 303
        told = self.citizen.get(f"/drafts/{self.submitted}/submitted").get_data(as_text=True)
        application = re.search(re.escape(DESK) + r"-\d{6}-\d{4}", told)
        assert application
        self.application = application[0]
        self.asked_receipt = people.file(DESK, LAND_TRANSFER)
        self.asked = self.asked_receipt["code"]
        people.complete(step_at(people, self.asked, "transfer"), "completed")
        waiting = f"/routing/api/tasks/{step_at(people, self.asked, 'assessment')['id']}/supplement"
        people.client_for("officer", LAND_REGISTRY).post(waiting, {"papers": ["Bản vẽ"], "reason": "Bản vẽ bị mờ."})
        self.ready = people.file(DESK, COPY)["code"]
        people.complete(step_at(people, self.ready, "certify"), "completed")
        for code, form in ((self.asked, "supplement"), (self.ready, "return")):
            self._wait_for_form(f"/intake/dossiers/{code}/{form}")
        published = {"file": (BytesIO(pdf()), "ket-qua.pdf"), "copies": "paper"}
        desk, headers = self.client("intake", "clerk", DESK), {"Origin": "http://localhost"}
        answer = desk.post(f"/intake/dossiers/{self.ready}/result-file", data=published, headers=headers)
        assert answer.status_code == 303, answer.text
        self._ask_for_waivers()
        refused = {"applicant.name": "Lê Văn Tám", "declined.matter": "Đòi nợ", "declined.reason": "not_competent"}
        refused |= {"declined.note": "Việc của Tòa án.", "do": "confirm", "form_key": "declined"}
        answer = desk.post("/intake/desk/refusal", data=refused, headers=headers)
        assert answer.status_code == 303, answer.text
        self.declined = answer.headers["Location"].rpartition("/")[2]
        owing = people.file(DESK, COPY)
        paid = people.pay(DESK, self.receipt["code"], self.receipt["fee"])
        self.values = {
            "code": self.receipt["code"],
            "task_id": self.task["id"],
            "token": token_in(text),
            "name": "agency.step.assigned",
            "number": "1",
            "procedure": LAND_TRANSFER["procedure"],
            "id": self.draft,
            "step": "applicant",
            "draft": shared,
            "paper": "certificate",
            "payment": paid["id"],
            "order": self._order(owing),
            **self._refund_and_closing(paid["id"]),
            "sha256": sha256(pdf()).hexdigest(),
        }
        self._exports()

    def _ask_for_waivers(self) -> None:
        """A waiver of the fee that a citizen has begun to ask for, and one that waits at the desk; both with a file."""
        origin = {"Origin": "http://localhost", "Accept": "text/html"}
        claim = {"category": "poor", "evidence": "Giấy chứng nhận hộ nghèo", "number": "12"}
        for receipt, sent in ((self.asked_receipt, False), (self.receipt, True)):
            browser, file = self.client("intake"), {"file": (BytesIO(pdf()), "ho-ngheo.pdf")}
            known = {name: receipt[name] for name in ("code", "secret")}
            steps: list[tuple[str, dict[str, Any]]] = [("/intake/pay", known), (OWN_WAIVER, claim)]
            steps += [(f"{OWN_WAIVER}/files", file)] + ([(f"{OWN_WAIVER}/check", {"form_key": "w"})] if sent else [])
            for path, typed in steps:
                assert browser.post(path, data=typed, headers=origin).status_code == 303, path

    def _wait_for_form(self, path: str) -> None:
        """Until intake knows that the desk may do it."""
        desk = self.client("intake", "clerk", DESK)
        wait_for(lambda: desk.get(path).status_code == 200, TIMEOUT, path)

    def _exports(self) -> None:
        """All that is kept about the citizen, asked for by themselves and at the desk."""
        me = self.citizen.citizen
        asked = self.send("intake", CITIZEN, "/intake/mine/data")
        visitor = {"id_kind": me.id_kind, "id_number": me.id_number, "name": me.name, "checked": "yes"}
        visitor |= {"text": "Đề nghị trực tiếp tại quầy", "form_key": "data-export"}
        desk, headers = self.client("intake", "clerk", DESK), {"Origin": "http://localhost"}
        made = desk.post("/intake/data-exports", data=visitor, headers=headers, follow_redirects=True)
        assert (asked.status_code, made.status_code) == (200, 200)
        self.exports = {
            one.request.path.rpartition("/")[0]: one.request.path.rpartition("/")[2] for one in (asked, made)
        }

    def _order(self, owing: dict[str, str]) -> str:
        """The order that a citizen makes for a debt."""
        browser, headers = self.client("intake"), {"Origin": "http://localhost"}
        browser.post("/intake/pay", data={name: owing[name] for name in ("code", "secret")}, headers=headers)
        answer = browser.post("/intake/pay/start", data={"obligation": ""}, headers=headers)
        assert answer.status_code == 303, answer.text
        return str(answer.headers["Location"].rpartition("/")[2])

    def _refund_and_closing(self, payment: str) -> dict[str, str]:
        """A refund that a clerk has asked for and paid out in cash, and the closing of that day."""
        clerk, leader = ("clerk", DESK), ("leader", DESK)
        form = f"/intake/dossiers/{self.receipt['code']}/payments/{payment}/refund"
        self.send("intake", clerk, form, form_key="refund-ask", amount="1000", reason="Thu thừa")
        store = self.platform.context("intake").store
        with store.read() as connection:
            (refund,) = refunds.of_dossier(connection, self.receipt["code"])
        acts = (("approve", leader, {"reason": "Đúng"}), ("pay", clerk, {"method": "cash", "handed_to": "applicant"}))
        for action, person, typed in acts:
            typed |= {"action": f"{action}-{refund.id}", "form_key": f"refund-{action}"}
            assert self.send("intake", person, f"/intake/payments/refunds/{refund.id}", **typed).status_code == 200
        with store.read() as connection:
            ((desk, day),) = closing.open_days(connection, [DESK], f"clerk@{DESK}")
        counted = {"desk": desk, "day": day.isoformat(), "counted": "0", "reason": "Quỹ lẻ", "form_key": "closing"}
        assert self.send("intake", clerk, "/intake/payments/day", **counted).status_code == 200
        with store.read() as connection:
            (closed,) = closing.recent(connection, [DESK], "", 1)
        return {"refund": refund.id, "closing": closed.id}

    def app(self, name: str) -> Flask:
        """A service's app, or that of the home page."""
        return self.platform.home if name == "home" else self.platform.apps[name]

    def client(self, name: str, role: str = "", agency: str = "") -> FlaskClient:
        """A browser of somebody."""
        client = self.app(name).test_client()
        for (cookie, path), value in self._session(role, agency).items():
            client.set_cookie(cookie, value, path=path)
        return client

    def _session(self, role: str, agency: str) -> dict[tuple[str, str], str]:
        """The cookie of a session, by name and path."""
        if role == "citizen":
            return {(COOKIE, "/intake"): self.citizen.token}
        return {("motcua_session", "/"): own_tokens(self.platform.settings)(role, agency)} if role else {}

    def cookies(self, rule: str, reader: tuple[str, str]) -> dict[tuple[str, str], str]:
        """What a reader's browser holds before it opens a page: the session, and what a form before it has answered."""
        found = self._session(*reader)
        if rule in TOLD_ONCE:
            told = {"code": self.receipt["code"], "secret": "ABCD2345"}
            found |= {(TOLD_ONCE[rule], "/"): b64encode(json.dumps(told).encode()).decode()}
        if rule == "/intake/dossier" or rule.startswith(("/intake/dossier/", OWN_WAIVER)):
            receipt = self.asked_receipt if rule.startswith((OWN_SUPPLEMENT, OWN_WAIVER)) else self.receipt
            known = {name: receipt[name] for name in ("code", "secret")}
            answer = self.client("intake").post("/intake/", data=known, headers={"Origin": "http://localhost"})
            for line in answer.headers.getlist("Set-Cookie"):
                for cookie in SimpleCookie(line).values():
                    found[cookie.key, cookie["path"]] = cookie.value
        return found

    def send(self, name: str, reader: tuple[str, str], path: str, **typed: str) -> TestResponse:
        """Sends a form as a browser does, and follows the redirect."""
        headers = {"Origin": "http://localhost", "Accept": "text/html"}
        return self.client(name, *reader).post(path, data=typed, headers=headers, follow_redirects=True)

    def path(self, rule: str) -> str:
        """The path of a route for the sample's dossier, step, procedure and invitation."""
        return filled(rule, values={**self.values, **self._own(rule)})

    def opened(self, rule: str) -> str:
        """The address at which the page of a route shows what it is for."""
        answers = f"?{urlencode(LAND_ANSWERS)}" if rule.endswith("/checklist") else ""
        case = "?case=transfer" if rule.endswith("refusal):kind>") else ""
        return self.path(rule) + answers + case

    def _own(self, rule: str) -> dict[str, str]:
        """The values of parts that mean something else in this route."""
        if "/procedures/" in rule:
            return {"code": LAND_TRANSFER["procedure"]}
        if "/applications/" in rule or rule == "/intake/mine/<code>":
            return {"code": self.application}
        if rule.startswith(OWN_SUPPLEMENT):
            return {"paper": paper_key("Bản vẽ")}
        if rule.endswith("/<export>"):
            return {"export": self.exports[rule.rpartition("/")[0]]}
        if rule.startswith("/intake/desk/declined/"):
            return {"id": self.declined}
        if rule.endswith("/submitted"):
            return {"id": self.submitted}
        if rule.endswith("/supplement"):
            return {"code": self.asked}
        if rule.endswith(("/return", "/result-file")):
            return {"code": self.ready}
        return {}


def page_rules(app: Flask) -> list[str]:
    """The routes that show a page."""
    rules = sorted({route.path for route in routes_with_roles(app) if route.method == "GET"})
    return [rule for rule in rules if not NOT_PAGES.search(rule) and rule not in ELSEWHERE]


@dataclass(frozen=True)
class Visit:
    """A page as somebody sees it.

    Attributes:
        place: the route and who sees it.
        path: with the query.
        cookies: of the browser, by name and path.
        answer: what the browser got.
    """

    place: str
    path: str
    cookies: dict[tuple[str, str], str]
    answer: TestResponse


def visits(sample: Sample, name: str, language: str = "vi", every_reader: bool = True) -> Iterator[Visit]:
    """Every page of a service, as everybody sees it who may, or as the first of :data:`READERS` who may."""
    for rule in page_rules(sample.app(name)):
        seen = False
        for reader in (one for one in READERS if every_reader or not seen):
            cookies = sample.cookies(rule, reader) | {("motcua_language", "/"): language}
            path = sample.opened(rule)
            client = sample.app(name).test_client()
            for (cookie, place), value in cookies.items():
                client.set_cookie(cookie, value, path=place)
            answer = client.get(path, headers={"Accept": "text/html"})
            if answer.status_code == 200 and answer.mimetype == "text/html":
                seen = True
                yield Visit(f"{rule} as {reader[0] or 'anybody'} {reader[1]}", path, cookies, answer)
            else:
                assert answer.status_code in (200, 303, 403), f"{rule} as {reader}: {answer.status_code}"
        assert seen, f"nobody sees {rule}"


def pages(sample: Sample, name: str, language: str = "vi") -> Iterator[Page]:
    """Every page of a service as everybody sees it who may."""
    for visit in visits(sample, name, language):
        yield visit.place, read_page(visit.answer.get_data(as_text=True))
