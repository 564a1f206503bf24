"""A platform with something at each place that pages show."""

from __future__ import annotations

import json
import re
from base64 import b64encode
from collections.abc import Iterator
from datetime import date
from hashlib import sha256
from http.cookies import SimpleCookie
from io import BytesIO
from itertools import product
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4
from zipfile import ZipFile

from services.intake.appointments.opened import OPENED
from services.intake.online.domain import Step
from services.intake.online_supplements.domain import paper_key
from services.intake.payments.closing import store as closing
from services.intake.payments.refunds import store as refunds
from services.intake.tickets import store as tickets
from services.intake.tickets.commands import issue
from services.intake.tickets.domain import local_day
from services.intake.tickets.groups import desk_services
from services.intake.tickets.states import Channel
from services.intake.tickets.states import State as TicketState
from services.rating.complaints.entry.desk import TOLD
from services.rating.devices import session as device_session
from services.rating.devices.commands import new_pairing_code
from services.routing.apologies import drafting
from services.routing.apologies import store as apologies
from services.routing.dossier.load import load_dossier
from services.routing.plugins import store as plugins
from shared.client.http import wait_for
from shared.client.tracked_dossier import LAND_TRANSFER, token_in
from shared.persistence.unit_of_work import UnitOfWork
from shared.runtime.clock import VIETNAM
from shared.web.authorization import routes_with_roles
from tests.intake.online_fixture import CitizenBrowser, pdf
from tests.journeys.actors import COPY, DESK, LAND_REGISTRY, TIMEOUT, certify, step_at
from tests.journeys.in_process_platform import InProcessPlatform
from tests.journeys.survey_sample import make_surveys
from tests.journeys.visitors import CITIZEN, OWN, READERS, Cookies, Visit, Visitors, page_rules
from tests.support.complaints import complain_about_something
from tests.support.conversation import ask_something
from tests.support.filed_complaints import sample_complaints
from tests.support.post import post_something
from tests.support.rankings import rank_something
from tests.support.ratings import rate_something
from tests.support.report_recipients import recipient_token
from tests.support.reports import report_something
from tests.support.routes import filled

TOLD_ONCE = {
    "/intake/dossiers/<code>/applicant/corrected": "motcua_corrected",
    "/intake/applications/parcel/registered": "motcua_parcel",
}
"""Pages that show for some minutes what a form has answered, and the cookie that carries it."""
ANY = re.compile(r"<any\(([^)]*)\):\w+>")
LINKED_DEATH = "1.011537"
"""A procedure with others that are done at the same time."""
ONLINE_STEP = "/intake/online/drafts/<id>/<step>"
OWN_SUPPLEMENT = "/intake/dossier/supplement"
OWN_WAIVER = "/intake/pay/waiver"
OFFICIALS_COMPLAINT = "/rating/complaint-handling/<code>"
KIOSK, VISIT = "/intake/kiosk/", "visit-1"
ASKED_OF_STATISTICS = {
    "/stats/leader": ("", "?period=year&by=field&tile=in_progress&channel=counter&level=commune", "?by=level"),
    "/stats/leader/dossiers": (
        "?measure=received",
        "?measure=received&received_level=commune",
        "?measure=corrected&period=day",
    ),
    "/stats/me": ("", "?period=year"),
}
"""Pages of statistics that show different things by what is asked of them: with numbers, narrowed and empty."""
REPORT, PUBLISHED_REPORT = "/stats/reports/<report>", "/stats/published-reports/<published>"
LAND_ANSWERS = {
    "q-transaction": "transfer",
    "q-mortgage": "no",
    "q-recipients": "no",
    "q-representative": "myself",
    "remote": "no",
}
"""Answers to all questions about a land transfer, so that its checklist is shown."""


class Sample(Visitors):
    """A platform with a dossier, an application, a draft and a payment at each place that pages show."""

    def __init__(self, platform: InProcessPlatform) -> None:
        super().__init__(platform)
        self._opened: dict[str, Cookies] = {}
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
        official = {"subject": f"clerk@{DESK}", "name": "Trần Thị Mận", "position": "Chuyên viên", "counter": "1"}
        official |= {"home_agency": "H12.31.02", "valid_from": "2025-07-01", "form_key": "official"}
        answer = self.send("rating", ("leader", DESK), "/rating/officials", **official)
        assert official["name"] in answer.text
        draft = f"/intake/procedures/{LAND_TRANSFER['procedure']}/draft"
        self.send("intake", ("leader", "H12.20"), draft, number="0")
        self.draft, self.submitted = self.citizen.begin(), self.citizen.begin()
        self.linked = self.citizen.begin(LINKED_DEATH)
        for one in (self.draft, self.submitted):
            self.citizen.fill(one)
        assert self.citizen.submit(self.submitted).status_code == 303
        other = CitizenBrowser(self._intake, "096085003456")
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
        self._visitors()
        owing = people.file(DESK, COPY)
        paid = people.pay(DESK, self.receipt["code"], self.receipt["fee"])
        self.surveys = make_surveys(platform.context("rating"))
        self.values = {
            "code": self.receipt["code"],
            "task_id": self.task["id"],
            "id_": self._letter_to_sign(),
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
            "desk": DESK,
            **self._book(),
            "agency": DESK,
            **rank_something(platform.context("rating"), DESK, "H12.32.01", "H12", f"clerk@{DESK}"),
            "flag_id": rate_something(platform.context("rating"), DESK, f"clerk@{DESK}"),
            "visit": VISIT,
            "group": "land",
            "channel": "sms",
            "language": "vi",
            "template": "received",
        }
        self._exports()
        self.filed_complaints = sample_complaints(platform.context("rating"))
        self._enter_complaints()
        self.ticket = self._ticket()
        ask_something(platform.context("intake"), platform.context("notify"), self.receipt, DESK, LAND_REGISTRY)
        self.complaints = complain_about_something(platform.context("rating"), DESK)
        self._device = self._rating_device()
        self.reports = report_something(platform.context("stats"), DESK)
        self.recipient = recipient_token(platform.context("notify"), DESK)
        self.posted = post_something(platform.context("notify"), DESK, self.receipt["code"])
        self._connect_software()

    def _connect_software(self) -> None:
        """The land registry has its own software, which has not answered its step."""
        self.platform.context("routing").store.run(
            lambda work: plugins.plug_in(work.connection, LAND_REGISTRY, work.now)
        )

    def _enter_complaints(self) -> None:
        """A call at the hotline that became a complaint, and a paper of the suggestion box with its scan."""
        clerk, words = ("clerk", DESK), {"kind": "feedback", "text": "Chờ lâu."}
        now = self.platform.context("rating").clock.now().astimezone(VIETNAM)
        call = {"began_at": f"{now:%Y-%m-%dT%H:%M}", "minutes": "3", "became": "complaint", "note": "Chờ lâu"}
        paper = {"number": "01", "received_at": f"{now:%Y-%m-%d}", "file": (BytesIO(pdf()), "phieu.pdf")}
        for path, typed in (("hotline", call), ("mailbox", paper)):
            entered = self.send("rating", clerk, f"/rating/{path}/new", id=str(uuid4()), **words, **typed)
            assert entered.status_code == 200, entered.text

    def _ask_for_waivers(self) -> None:
        """A waiver of the fee that a citizen has begun to ask for, and one that waits at the desk; both with a file."""
        claim = {"category": "poor", "evidence": "Giấy chứng nhận hộ nghèo", "number": "12"}
        for receipt, sent in ((self.asked_receipt, False), (self.receipt, True)):
            browser, file = self.client("intake"), {"file": (BytesIO(pdf()), "ho-ngheo.pdf")}
            known = {name: receipt[name] for name in ("code", "secret")}
            steps: list[tuple[str, dict[str, Any]]] = [("/intake/pay", known), (OWN_WAIVER, claim)]
            steps += [(f"{OWN_WAIVER}/files", file)] + ([(f"{OWN_WAIVER}/check", {"form_key": "w"})] if sent else [])
            for path, typed in steps:
                assert browser.post(path, data=typed, headers=OWN).status_code == 303, path

    def _book(self) -> dict[str, str]:
        """An appointment that somebody has, and the time slot of it."""
        browser, place = self.client("intake"), f"/intake/appointments/desks/{DESK}/land"
        day = re.search(r"\?day=[\d-]+", browser.get(place, headers=OWN).text)
        assert day
        slot = re.search(rf'{re.escape(place)}/(\w+)"', browser.get(place + day[0], headers=OWN).text)
        assert slot
        typed = {"phone": "0912345671", "confirmed": "1", "form_key": "appointment"}
        answer = browser.post(f"{place}/{slot[1]}", data=typed, headers=OWN)
        assert answer.status_code == 303, answer.text
        held = [cookie for line in answer.headers.getlist("Set-Cookie") for cookie in SimpleCookie(line).values()]
        self._appointment = {(one.key, one["path"]): one.value for one in held if one.key == OPENED}
        return {"group": "land", "slot": slot[1], "day": day[0]}

    def _visitors(self) -> None:
        """Visitors at the desk: one who is called to counter 1, one who missed the call and two who wait."""
        desk = self.client("intake", "clerk", DESK)
        for number in range(4):
            typed = {"group": "land", "priority": "elderly" if number == 2 else "", "form_key": f"visitor-{number}"}
            given = desk.post("/intake/reception", data=typed, headers=OWN)
            assert given.status_code == 303, given.text
        missed = {"do": "miss", "ticket": ""}
        for place, typed in enumerate(({"do": "open"}, {"do": "next"}, missed, {"do": "next"})):
            with self.platform.context("intake").store.read() as connection:
                called = tickets.of_day(connection, DESK, self._today(), TicketState.CALLED)
            sent = typed | {"form_key": f"counter-{place}"} | ({"ticket": called[0].id} if "ticket" in typed else {})
            assert desk.post("/intake/counter/1", data=sent, headers=OWN).status_code == 303

    def _today(self) -> date:
        return local_day(self.platform.context("intake").clock.now())

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

    def rules(self, name: str) -> list[str]:
        """The routes that show a page."""
        return page_rules(self.app(name))

    def cookies(self, rule: str, reader: tuple[str, str]) -> Cookies:
        """What a reader's browser holds before it opens a page: the session, and what a form before it has answered."""
        found = self.session(*reader)
        if rule in TOLD_ONCE:
            told = {"code": self.receipt["code"], "secret": "ABCD2345"}
            found |= {(TOLD_ONCE[rule], "/"): b64encode(json.dumps(told).encode()).decode()}
        if rule.startswith(KIOSK):
            found |= self._at_kiosk()
        if rule.startswith(f"{device_session.PATH}/"):
            found |= self._device
        if rule == "/intake/dossier" or rule.startswith(("/intake/dossier/", "/intake/pay")):
            asked = rule.startswith((OWN_SUPPLEMENT, OWN_WAIVER))
            found |= self._follows(self.asked_receipt if asked else self.receipt)
        if rule.startswith("/intake/appointments/mine"):
            found |= self._appointment
        if rule.startswith("/rating/feedback/"):
            found |= self.filed_complaints.opened_by(reader)
        if rule.endswith("/entered"):
            found |= self._told_to_clerk(rule)
        return found

    def _ticket(self) -> str:
        """The ticket that a visitor takes."""
        here = self.platform.context("intake")
        services = desk_services(DESK, here.clock.now().date())
        return here.store.run(lambda work: issue(work, services, group="land", channel=Channel.KIOSK).id)

    def _rating_device(self) -> Cookies:
        """What the browser of a rating device holds. It has delivered two ratings of one moment, so that one of them lies aside."""
        here, tablet = self.platform.context("rating"), self.client("rating")
        code = here.store.run(lambda work: new_pairing_code(work, DESK, 1, 1, f"clerk@{DESK}"))
        assert tablet.post("/rating/device-pairing", data={"code": code}, headers=OWN).status_code == 303
        state: Any = tablet.get("/rating/device/state.json").json
        now = here.clock.now().isoformat()
        rating = {"pairing": state["pairing"], "tapped_at": now, "score": 5, "courtesy": {"greeting": True}}
        ratings = [rating | {"id": str(uuid4()), "sequence": number} for number in (1, 2)]
        report = {"sent_at": now, "version": state["version"], "waiting": 2, "battery": 80, "ratings": ratings}
        answer: Any = tablet.post("/rating/device/contact", json=report, headers=OWN)
        assert (len(answer.json["kept"]), list(answer.json["aside"].values())) == (1, ["too_soon"])
        held = tablet.get_cookie(device_session.COOKIE, path=device_session.PATH)
        assert held
        return {(device_session.COOKIE, device_session.PATH): held.value}

    def _at_kiosk(self) -> Cookies:
        """What the browser of a kiosk holds of a visitor who has taken a number and looked a dossier up."""
        visitor = {"visit": VISIT, "ticket": self.ticket, "ahead": "2", "wait": "10 20", "prints": "0"}
        visitor |= {name: self.receipt[name] for name in ("code", "secret")}
        known = {("motcua_visit", "/"): {"id": VISIT, "desk": DESK}, ("motcua_visitor", "/intake/kiosk"): visitor}
        return {where: b64encode(json.dumps(values).encode()).decode() for where, values in known.items()}

    def _told_to_clerk(self, place: str) -> Cookies:
        """What the browser of a clerk holds who has just entered a complaint."""
        one = self.filed_complaints.asked
        told = {"code": one.code, "secret": one.secret, "due": one.answer_by.isoformat()}
        return {(TOLD, place): b64encode(json.dumps(told).encode()).decode()}

    def _follows(self, receipt: dict[str, str]) -> Cookies:
        """What the browser of somebody holds who has opened a dossier by its code and secret."""
        code = receipt["code"]
        if code not in self._opened:
            known = {name: receipt[name] for name in ("code", "secret")}
            answer = self.client("intake").post("/intake/", data=known, headers=OWN)
            lines = answer.headers.getlist("Set-Cookie")
            held = [cookie for line in lines for cookie in SimpleCookie(line).values()]
            self._opened[code] = {(cookie.key, cookie["path"]): cookie.value for cookie in held}
        return self._opened[code]

    def visits(self, name: str, language: str = "vi") -> list[Visit]:
        """As of all visitors; somebody sees each page."""
        found = super().visits(name, language)
        wrong = {visit.place: visit.status for visit in found if visit.status not in (200, 303, 403)}
        assert wrong == {}, wrong
        assert set(self.rules(name)) - {visit.rule for visit in found if visit.shown} == set(), "nobody sees these"
        return found

    def saved(self, name: str) -> Iterator[Visit]:
        """The pages in the archives that people save, as each gets them who may."""
        rules = sorted({one.path for one in routes_with_roles(self.app(name)) if one.path.endswith(".zip")})
        for rule, reader in product(rules, READERS):
            cookies, path = self.session(*reader), self.path(rule)
            answer = self.browser(name, cookies).get(path, headers=OWN)
            if answer.status_code == 200:
                with ZipFile(BytesIO(answer.data)) as archive:
                    pages = [archive.read(file).decode() for file in archive.namelist() if file.endswith(".html")]
                template = self.template(answer)
                yield from (Visit(rule, reader, path, cookies, 200, html, template) for html in pages)

    def path(self, rule: str) -> str:
        """The path of a route for the sample's dossier, step, procedure and invitation."""
        return filled(rule, values={**self.values, **self._own(rule)})

    def opened(self, rule: str) -> list[str]:
        """The addresses at which the page of a route shows what it is for."""
        if rule == ONLINE_STEP:
            drafts = {step: self.linked if step is Step.LINKED else self.draft for step in Step}
            return [filled(rule, values={"id": draft, "step": step}) for step, draft in drafts.items()]
        if rule == "/intake/applications/parcel":
            chosen = (f"procedure={LAND_TRANSFER['procedure']}&case=transfer", f"procedure={LINKED_DEATH}")
            return [rule, *(f"{rule}?{one}" for one in chosen)]
        if rule in ("/intake/appointments/desks/<desk>/<group>", "/intake/appointments/mine/move"):
            return [self.path(rule), self.path(rule) + self.values["day"]]
        if rule == "/intake/desk/<procedure>":
            linked = filled(rule, values={"procedure": LINKED_DEATH})
            return [self.path(rule), f"{self.path(rule)}?case=transfer", linked]
        if rule == OFFICIALS_COMPLAINT:
            return [filled(rule, values={"code": code}) for code in self.complaints.values()]
        if rule == REPORT:
            return [filled(rule, values={"report": one}) for one in self.reports.all]
        if rule.startswith(f"{REPORT}/confirm/"):
            asked = self.reports.confirmed()
            return [filled(one, values={"report": asked[one.rpartition("/")[2]]}) for one in _choices(rule)]
        if rule == PUBLISHED_REPORT:
            shown = (self.reports.replaced, self.reports.corrected)
            return [filled(rule, values={"published": one}) for one in shown]
        if rule.startswith("/rating/survey"):
            known = self.surveys.values(rule)
            each = product(_choices(rule), self.surveys.of(rule))
            return [filled(choice, values=known | {"survey": id}) for choice, id in each]
        if rule in ASKED_OF_STATISTICS:
            return [self.path(rule) + asked for asked in ASKED_OF_STATISTICS[rule]]
        answers = f"?{urlencode(LAND_ANSWERS)}" if rule.endswith("/checklist") else ""
        case = "?case=transfer" if rule.endswith("refusal):kind>") else ""
        return [self.path(choice) + answers + case for choice in _choices(rule)]

    def _letter_to_sign(self) -> str:
        """The draft of an apology, as of a dossier that is late."""

        def draft(work: UnitOfWork) -> str:
            transaction = load_dossier(work, self.receipt["code"])
            assert transaction is not None
            drafting.draft(transaction, work.now, LAND_REGISTRY)
            return apologies.of_dossier(work.connection, self.receipt["code"])[-1].id

        return self.platform.context("routing").store.run(draft)

    def _own(self, rule: str) -> dict[str, str]:
        """The values of parts that mean something else in this route."""
        if rule.startswith((REPORT, PUBLISHED_REPORT)):
            return {"report": self.reports.draft, "published": self.reports.corrected}
        if rule.startswith("/notify/report-"):
            return {"recipient": self.recipient.partition(".")[0], "recipient_token": self.recipient}
        if rule.startswith("/rating/feedback/answers/"):
            return {"code": self.filed_complaints.published.code}
        if rule.startswith(("/rating/survey", "/rating/s/")):
            return self.surveys.values(rule)
        if rule.startswith("/stats/index/"):
            return {"part": "1.1" if "/figures/" in rule else "2.1"}
        if "/procedures/" in rule:
            return {"code": LAND_TRANSFER["procedure"]}
        if "/applications/" in rule or rule == "/intake/mine/<code>":
            return {"code": self.application}
        if rule.startswith(OWN_SUPPLEMENT):
            return {"paper": paper_key("Bản vẽ")}
        if "/<export>" in rule:
            return {"export": self.exports[rule.partition("/<export>")[0]]}
        if rule.startswith("/intake/desk/declined/"):
            return {"id": self.declined}
        if rule.startswith("/intake/reception/"):
            return {"id": self.ticket}
        if rule.startswith(OFFICIALS_COMPLAINT):
            return {"code": self.complaints["answered"]}
        if rule.startswith("/notify/post/"):
            return {"id": self.posted["batch" if "/batches/" in rule else "parcel"]}
        if rule.endswith("/submitted"):
            return {"id": self.submitted}
        if rule.endswith("/supplement"):
            return {"code": self.asked}
        if rule.endswith(("/return", "/result-file")):
            return {"code": self.ready}
        return {}


def _choices(rule: str) -> list[str]:
    """A route with each of the words that one of its parts may be."""
    found = ANY.search(rule)
    return [rule.replace(found[0], one.strip(" '")) for one in found[1].split(",")] if found else [rule]
