"""A person gets all that is kept about them, and nothing of anybody else: by signing in, or from a clerk who has checked who they are."""

from __future__ import annotations

import json
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from hashlib import sha256
from io import BytesIO
from typing import Any
from urllib.parse import unquote
from zipfile import ZipFile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.intake.components import EXTENSION
from services.intake.data_exports import contents, labels, view
from services.intake.data_exports.commands import delete_expired
from services.intake.data_exports.redaction import HIDDEN, Others, Person, folded, others_of
from services.intake.data_exports.rules import export_rules
from services.intake.data_exports.sections import LEFT_OUT, SECTIONS
from services.intake.database import metadata
from services.intake.foreign_access.domain import MIN_TEXT
from services.intake.retention.commands import erase
from shared.persistence.personal_data import personal_columns
from shared.persistence.reading_audit import reading_audit
from tests.intake.online_fixture import CitizenBrowser, png
from tests.intake.payments.test_refunds_and_closing import Person as Official
from tests.intake.service_fixture import DESK, LAND_TRANSFER, OTHER_DESK, REGISTRY, THURSDAY, IntakeService
from tests.intake.test_intake_mine import get, send
from tests.intake.test_intake_nothing_in_clear import ok
from tests.support.html import read_page, repeated_ids, unlabelled
from tests.support.processes import REPOSITORY

RULES = export_rules(THURSDAY.date())
APPLICANT = {
    "name": "Trần Thị An",
    "id_number": "096190002345",
    "phone": "0912345670",
    "email": "an@example.vn",
    "address": "Số 7 đường Lê Lợi",
    "old_id_number": "361850112",
}
ACTING = {
    "name": "Nguyễn Quốc Đạt",
    "id_number": "096085003456",
    "phone": "0987111222",
    "relation": "authorised",
    "authority": "Giấy ủy quyền số 12 của bà Trần Thị An",
}
TOGETHER = {"name": "Phạm Văn Hưởng", "id_number": "095180004567", "address": "Ấp Bà Điều, xã Phước Long"}
PEOPLE: tuple[dict[str, str], ...] = (APPLICANT, ACTING, TOGETHER)
KINDS = ("name", "id_number", "phone", "email", "address", "old_id_number")
DESK_FORM = {"id_kind": "citizen_id", "id_number": APPLICANT["id_number"], "name": "tran thi an", "checked": "yes"}
DESK_FORM |= {"text": "Bà An đề nghị trực tiếp tại quầy"}


def data_of(people: dict[str, str]) -> set[str]:
    """What identifies somebody, as it is compared: without diacritics, capitals, spaces and signs."""
    return {squeezed(people[kind]) for kind in KINDS if kind in people}


def squeezed(text: str) -> str:
    return re.sub(r"[\W_]", "", folded(text))


def file_for_three(intake: IntakeService) -> str:
    """A dossier with an applicant, a representative and a co-applicant, who are named everywhere where people type."""
    everybody = "; ".join(text for one in PEOPLE for text in (one["name"].upper(), one["id_number"]))
    body = LAND_TRANSFER | {"applicant": APPLICANT, "representative": ACTING, "co_applicants": [TOGETHER]}
    body |= {"papers": [*LAND_TRANSFER["papers"], {"name": f"Cam kết của {everybody}", "form": "copy"}]}
    code = str(ok(intake.post("/dossiers", body, key="filing")).json["code"])
    corrected = {"phone": "0912345679", "reason": f"Sai: {everybody}"}
    path, headers = f"/intake/api/dossiers/{code}/applicant", intake.token() | {"Idempotency-Key": "correction"}
    ok(intake.client.patch(path, json=corrected, headers=headers))
    paid = {"amount": 550_000, "method": "transfer", "reference": f"CK {everybody}"}
    ok(intake.post(f"/dossiers/{code}/payments", paid, key="payment"))
    intake.receive_event("step.assigned", code, agency=REGISTRY, task="t-1", assigned_at="2025-11-20T10:00:00+07:00")
    asked: dict[str, Any] = {"papers": [f"Bản sao của {everybody}"], "reason": f"Thiếu của {everybody}"}
    assert intake.receive_event("supplement.requested", code, task="t-1", agency=REGISTRY, **asked).applied == 1
    handed = {"papers": ["Bản sao"], "note": f"Nhận từ {everybody}"}
    ok(intake.post(f"/dossiers/{code}/supplement", handed, key="supplement"))
    clerk, officer = Official(intake, "clerk", "clerk-1"), Official(intake, "officer", "officer-1", REGISTRY)
    for who, action in ((clerk, "message"), (clerk, "call"), (officer, "ask")):
        said = {"action": action, "text": f"Về {everybody}", "direction": "in", "happened_at": "2025-11-20T08:00"}
        assert who.send(f"/intake/dossiers/{code}/conversation", **said) == 303, action
    intake.receive_event("dossier.resolved", code, outcome="completed", resolved_at="2025-11-28T10:00:00+07:00")
    given_to: dict[str, Any] = {
        "identity": "authorisation",
        "receiver_name": ACTING["name"],
        "note": f"Đưa cho {everybody}",
    }
    given_to |= {"document": f"Giấy ủy quyền của {everybody}", "citizen_notified": True}
    ok(intake.post(f"/dossiers/{code}/return", given_to, key="return"))
    return code


def sign_in(intake: IntakeService, who: dict[str, str]) -> CitizenBrowser:
    return CitizenBrowser(intake, who["id_number"], who["name"])


def ask(person: CitizenBrowser) -> str:
    """Asks for an export; where it is."""
    answer = send(person, "/intake/mine/data")
    assert answer.status_code == 303, answer.text
    return str(answer.headers["Location"])


def document(person: CitizenBrowser, place: str) -> dict[str, Any]:
    answer = get(person, f"{place}/data.json")
    assert answer.status_code == 200
    found: dict[str, Any] = answer.json
    return found


def requests(intake: IntakeService) -> dict[str, str]:
    """Dossier → the request of the newest event about it."""
    return {one["data"]["dossier"]: one["data"]["request"] for one in intake.emitted("personal_data.requested")}


def answer_all(intake: IntakeService, code: str, request: str, text: str = "Ho so da nhan") -> None:
    """Notify and rating answer."""
    told: dict[str, Any] = {
        "request": request,
        "contact": {"name": APPLICANT["name"], "phone": "0912345679", "email": "an@example.vn"},
        "messages": [{"at": "2025-11-20T08:16:00+07:00", "kind": "received", "state": "sent", "text": text}],
        "readings": [{"at": "2025-11-21T09:00:00+07:00", "agency": DESK, "action": "messages"}],
    }
    assert intake.receive_event("personal_data.messages_provided", code, **told).applied == 1
    rating = {
        "given_at": "2025-12-01T08:00:00+07:00",
        "score": 4,
        "comment": f"Cán bộ tận tình; ông {TOGETHER['name']}",
    }
    rating |= {"criteria": [{"name": "attitude", "label": "Thái độ", "label_en": "Attitude", "score": 5}]}
    outcome = intake.receive_event("personal_data.rating_provided", code, request=request, rating=rating)
    assert outcome.applied == 1


def test_each_person_gets_their_own_data_and_nobody_elses(intake: IntakeService) -> None:
    code = file_for_three(intake)
    strangers = intake.file()["code"]
    made: dict[str, dict[str, Any]] = {}
    for who in PEOPLE:
        person = sign_in(intake, who)
        place = ask(person)
        if who is APPLICANT:
            answer_all(intake, code, requests(intake)[code])
        made[who["name"]] = found = document(person, place)
        pages = [get(person, place).text, get(person, f"{place}?lang=en").text]
        (one,) = found["dossiers"]
        assert one["code"] == code
        others = set().union(*(data_of(other) for other in PEOPLE if other is not who)) - data_of(who)
        for text in (str(found), *pages):
            assert strangers not in text
            assert not [data for data in others if data in squeezed(text)], who["name"]
        for kind in ("name", "id_number"):
            assert one["own_data"][kind] == who[kind]
            assert who[kind] in pages[0]
        assert found["complete"] is True
    mine = made[APPLICANT["name"]]["dossiers"][0]
    assert mine["own_data"]["address"] == APPLICANT["address"]
    assert mine["others"] == {"applicants": 0, "representatives": 1, "co_applicants": 1}
    assert mine["receiver_name"] == HIDDEN
    assert mine["payments"][0]["reference"].startswith("CK TRẦN THỊ AN; 096190002345; [người khác]")
    assert (mine["corrections"][0]["changed"], mine["corrections"][0]["was"]) == (["phone"], {"phone": "09xx xxx 670"})
    assert mine["messages"][0]["text"] == "Ho so da nhan"
    assert mine["rating"]["score"] == 4
    assert [row["action"] for row in mine["message_readings"]] == ["messages"]
    for other in (ACTING, TOGETHER):
        theirs = made[other["name"]]["dossiers"][0]
        for name in ("payments", "corrections", "supplement_requests", "messages", "hand_overs"):
            assert theirs[name] == []
        assert (theirs["contact"], theirs["rating"]) == (None, None)
    assert list(requests(intake)) == [code], "others are asked about applicants alone"


@given(
    st.lists(
        st.sampled_from(["Lê Văn", "Bình", "Trần Thị An", "An", "0912 345 678", "lê-văn bình", "Ấp 5"]), min_size=1
    ),
    st.sets(st.sampled_from(["Lê Văn Bình", "Bình", "0912345678", "Trần Thị An Khang", "ấp 5", "Đỗ Văn Bình"])),
    st.sampled_from(["Trần Thị An", "Lê Văn", "Đặng Bình"]),
)
def test_no_text_names_others(pieces: list[str], others: set[str], own: str) -> None:
    hidden = Others(frozenset(others - {own}), frozenset({own})).hide(" ".join(pieces).upper())
    assert hidden is not None
    left = " " + re.sub(r"[\W_]+", " ", folded(hidden)) + " "
    for name in others:
        plain = re.sub(r"[\W_]+", " ", folded(name))
        assert f" {plain} " not in left or plain in folded(own), "only where it is one's own"


@pytest.mark.parametrize("written", ["+84 912.345.678", "84912345678", "0912-345-678", "(0912345678)"])
def test_a_number_is_found_however_it_is_written(written: str) -> None:
    hidden = Others(frozenset({"0912345678"}), frozenset()).hide(f"Gọi {written} nhé")
    assert hidden is not None
    assert "678" not in hidden


def test_what_one_shares_with_others_stays_readable() -> None:
    class Filed:
        def __init__(self) -> None:
            self.parties = (
                '{"representative": null, "co_applicants": [{"name": "Lê Ba", "id_number": "2", "id_kind": "x"}]}'
            )
            self.applicant_name, self.applicant_id_number, self.applicant_id_kind = "Lê An Ba", "1", "x"
            self.applicant_phone, self.applicant_email, self.applicant_address = "", "", "Ấp 5"
            self.applicant_birth_date = self.applicant_sex = self.applicant_old_id_number = ""
            self.applicant_preferences = None

    others = others_of(Person("x", "1", "s", "Lê An Ba"), [Filed()])
    assert others.hide("Lê An Ba, Ấp 5, và Lê Ba") == f"Lê An Ba, Ấp 5, và {HIDDEN}"


def test_answers_come_twice_late_or_for_nothing(intake: IntakeService) -> None:
    code, other = (intake.file(applicant__id_number=APPLICANT["id_number"])["code"] for _ in range(2))
    me = sign_in(intake, APPLICANT)
    place = ask(me)
    page = get(me, place).text
    assert "Chưa đủ" in page
    assert "2 hồ sơ chưa đến" in page
    found = document(me, place)
    assert (found["complete"], len(found["missing"])) == (False, 4)
    request = requests(intake)
    assert len(set(request.values())) == 2, "nobody learns from the bus which dossiers are of one person"
    answer_all(intake, code, request[code], "first")
    answer_all(intake, code, request[code], "second")
    answer_all(intake, other, request[code], "of another dossier")
    answer_all(intake, other, "no-such-request", "never asked for")
    found = document(me, place)
    assert found["missing"] == [{"dossier": other, "answer": kind} for kind in ("messages", "rating")]
    texts = {one["code"]: [message["text"] for message in one["messages"]] for one in found["dossiers"]}
    assert texts == {code: ["first"], other: []}
    intake.store.run(lambda work: erase(work, code, "dossier"))
    assert [one["code"] for one in document(me, place)["dossiers"]] == [other], "what is erased is in no export"
    assert [row["dossier"] for row in intake.rows("data_export_part")] == [other]
    intake.advance(timedelta(days=RULES.kept_days, seconds=1))
    me = sign_in(intake, APPLICANT)
    assert get(me, place).status_code == 404
    assert delete_expired(intake.context) == 1
    assert delete_expired(intake.context) == 0
    answer_all(intake, other, request[other], "too late")
    assert (intake.rows("data_export"), intake.rows("data_export_part")) == ([], [])


def test_who_asks_again_gets_the_same_and_nobody_else_opens_it(intake: IntakeService) -> None:
    intake.file(applicant__id_number=APPLICANT["id_number"])
    me, stranger = sign_in(intake, APPLICANT), sign_in(intake, TOGETHER)
    with ThreadPoolExecutor(4) as browsers:
        (place,) = set(browsers.map(lambda _: ask(sign_in(intake, APPLICANT)), range(4)))
    assert (ask(me), ask(me)) == (place, place)
    assert len(intake.emitted("personal_data.requested")) == 1
    assert "Ông/bà đã yêu cầu lúc" in get(me, "/intake/mine/data").text
    for path in (place, f"{place}/data.json", "/intake/mine/data/0", "/intake/mine/data/0/data.json"):
        assert get(stranger, path).status_code == 404
    desk = "/intake/data-exports/" + place.rpartition("/")[2]
    assert Official(intake, "clerk", "clerk-1").get(desk).status_code == 404, "no official opens a citizen's own"
    intake.advance(timedelta(hours=RULES.again_after_hours, seconds=1))
    me = sign_in(intake, APPLICANT)
    again = ask(me)
    assert again != place
    assert len(document(me, again)["exports"]) == 2
    assert place in get(me, "/intake/mine/data").text


def test_applications_drafts_and_files_are_in_it(sqlite_intake: IntakeService) -> None:
    intake = sqlite_intake
    me = sign_in(intake, APPLICANT)
    draft, submitted = me.begin(), me.begin()
    for one in (draft, submitted):
        me.fill(one)
    me.submit(submitted)
    other = sign_in(intake, TOGETHER)
    shared = other.begin()
    other.fill(shared)
    assert other.post(f"/drafts/{shared}/people", id_number=APPLICANT["id_number"]).status_code == 303
    place = ask(me)
    found = document(me, place)
    (one,) = found["dossiers"]
    assert one["application"]["status"] == "waiting"
    assert sorted(file["paper"] for file in one["files"]) == ["application", "certificate", "contract"]
    assert all(re.fullmatch("[0-9a-f]{64}", file["sha256"]) for file in one["files"])
    kept = next(each for each in found["drafts"] if each["submitted_at"] is None)
    assert (kept["answers"]["phone"], len(kept["files"])) == ("0912345670", 3)
    assert [(each["state"], each["own_data"]) for each in found["agreements"]] == [
        ("asked", {"id_number": APPLICANT["id_number"]})
    ]
    for file in (*one["files"], *kept["files"]):
        saved = get(me, f"{place}/files/{file['id']}")
        assert (saved.status_code, saved.data) == (200, png())
        assert get(other, f"{ask(other)}/files/{file['id']}").status_code == 404
    assert f"{place}/files/{one['files'][0]['id']}" in get(me, place).text
    theirs = str(document(other, ask(other)))
    assert APPLICANT["id_number"] not in theirs
    gone = kept["files"][1]["id"]
    intake.client.application.extensions[EXTENSION].storage.delete(gone)
    answer = get(me, f"{place}/data.zip")
    assert (answer.status_code, answer.mimetype) == (200, "application/zip")
    assert (answer.headers["Cache-Control"], answer.headers["X-Accel-Buffering"]) == ("no-store", "no")
    with ZipFile(BytesIO(answer.data)) as archive:
        assert archive.testzip() is None
        names = archive.namelist()
        assert names[:2] == ["tom-tat.html", "du-lieu-cua-toi.json"]
        told = json.loads(archive.read(names[1]))
        files = [file for each in (*told["dossiers"], *told["drafts"]) for file in each["files"]]
        paths = {file["id"]: file["path"] for file in files}
        assert sorted(names[2:]) == sorted([*(set(paths.values()) - {paths[gone]}), "tep-khong-doc-duoc.txt"])
        assert paths[gone] in archive.read("tep-khong-doc-duoc.txt").decode("utf-8-sig")
        for file in files:
            assert re.fullmatch(r"(ho-so/[\w.-]+|ban-nhap/\d\d)/0[123] [^/]+\.png", file["path"])
            if file["id"] != gone:
                assert sha256(archive.read(file["path"])).hexdigest() == file["sha256"]
        page = read_page(archive.read(names[0]).decode())
    assert {unquote(link.get("href")) for link in page.all("a") if "/" in link.get("href")} == set(paths.values())
    assert not list(page.all("script", "link", "img")), "it needs nothing else, and tells nobody that it was opened"
    assert get(other, f"{place}/data.zip").status_code == 404


def test_a_clerk_makes_it_for_a_visitor_with_a_reason(intake: IntakeService) -> None:
    code = file_for_three(intake)
    elsewhere = intake.file(
        applicant__id_number=APPLICANT["id_number"], applicant__name=APPLICANT["name"], receiving_agency=OTHER_DESK
    )["code"]
    clerk, path = Official(intake, "clerk", "clerk-1"), "/intake/data-exports"
    form = clerk.get(path)
    assert not unlabelled(read_page(form.text))
    assert not repeated_ids(read_page(form.text))
    assert clerk.send(path, **DESK_FORM | {"name": "Trần Thị Anh"}) == 422, "the number may be mistyped"
    assert clerk.send(path, **DESK_FORM | {"checked": ""}) == 422
    assert clerk.send(path, **DESK_FORM | {"text": "x" * (MIN_TEXT - 1)}) == 422
    assert clerk.send(path, **DESK_FORM | {"id_kind": "tax_code", "id_number": "0312345678"}) == 422
    assert intake.rows("data_export") == []
    assert Official(intake, "clerk", "clerk-1", REGISTRY).send(path, **DESK_FORM) == 403, "only at a one-stop desk"
    assert clerk.send(path, **DESK_FORM) == 303
    (export,) = intake.rows("data_export")
    place = f"{path}/{export['id']}"
    for dossier, request in requests(intake).items():
        answer_all(intake, dossier, request)
    page, saved = clerk.get(place), clerk.get(f"{place}/data.json")
    assert (page.status_code, saved.status_code) == (200, 200)
    found = saved.json
    assert "data.zip" in page.text
    with ZipFile(BytesIO(clerk.get(f"{place}/data.zip").data)) as archive:
        assert archive.testzip() is None
        assert APPLICANT["name"] in archive.read("tom-tat.html").decode()
    assert found["person"]["name"] == APPLICANT["name"], "as it is written in the dossier"
    assert {one["code"] for one in found["dossiers"]} == {code, elsewhere}
    assert [one["rating"] for one in found["dossiers"]] == [None, None], "no official sees a rating"
    assert "tận tình" not in page.text
    assert all(row["rating"] is None for row in intake.rows("data_export_part"))
    assert "Ho so da nhan" in page.text
    (opened,) = intake.rows("foreign_access")
    assert (opened["dossier"], opened["desk"], opened["reason"]) == (elsewhere, OTHER_DESK, "applicant_asks")
    assert opened["text"] == DESK_FORM["text"]
    read = {row["record"] for row in intake.rows(reading_audit) if row["action"] == "data_export"}
    assert read == {DESK, code, elsewhere}
    for other in (Official(intake, "clerk", "clerk-2"), Official(intake, "clerk", "clerk-1", OTHER_DESK)):
        assert other.get(place).status_code == 404
        for name in ("data.json", "data.zip"):
            assert other.get(f"{place}/{name}").status_code == 404
    me = sign_in(intake, APPLICANT)
    assert get(me, f"/intake/mine/data/{export['id']}").status_code == 404
    assert {"requested_at": found["requested_at"], "desk": DESK} in document(me, ask(me))["exports"]
    intake.advance(timedelta(hours=RULES.desk_kept_hours, seconds=1))
    assert Official(intake, "clerk", "clerk-1").get(place).status_code == 404


def test_every_personal_column_is_exported_or_left_out_for_a_reason() -> None:
    told = {f"{section.table.name}.{name}" for section in SECTIONS for name in section.fields}
    told |= {f"dossier.{name}" for name in (*contents.TYPED, "papers", "parties")}
    told |= {f"application.{name}" for name in (*contents.TYPED_OF_APPLICATION, "papers", "parties")}
    told |= {"application.supplement_papers", "application.parcel_sender", "online_draft.answers"}
    told |= {"online_consent.identity", "upload.name", "upload.sha256", "data_export.person"}
    told |= {f"{table}.applicant_{name}" for table in ("dossier", "application") for name in KINDS}
    told |= {f"declined_filing.{name}" for name in ("note", "papers", "matter")}
    told |= {
        f"declined_filing.applicant_{name}"
        for name in ("name", "old_id_number", "phone", "email", "address", "id_number")
    }
    told |= {
        f"{table}.applicant_{name}"
        for table in ("dossier", "application")
        for name in ("birth_date", "sex", "preferences")
    }
    personal = {f"{table.name}.{name}" for table in metadata.tables.values() for name in personal_columns(table).texts}
    assert personal - told == set(LEFT_OUT)


def names_in(value: Any) -> set[str]:
    """All names of fields in a document."""
    if isinstance(value, dict):
        return set(value).union(*map(names_in, value.values()))
    return set().union(*map(names_in, value)) if isinstance(value, list) else set()


def test_every_name_is_documented_and_every_part_has_a_title(sqlite_intake: IntakeService) -> None:
    code = file_for_three(sqlite_intake)
    me = sign_in(sqlite_intake, APPLICANT)
    draft = me.begin()
    me.fill(draft)
    me.submit(draft)
    turned_away = {f"applicant.{name}": APPLICANT[name] for name in ("name", "id_number", "phone")}
    turned_away |= {
        "declined.matter": "Đòi nợ",
        "declined.reason": "not_competent",
        "declined.note": "Việc của Tòa án.",
    }
    desk = Official(sqlite_intake, "clerk", "clerk-5")
    for name in (APPLICANT["name"], "Lê Văn Tám"):
        assert desk.send("/intake/desk/refusal", do="confirm", **turned_away | {"applicant.name": name}) == 303
    waived = sqlite_intake.file(applicant__id_number=APPLICANT["id_number"])["code"]
    granted = {"category": "poor", "evidence": "Giấy chứng nhận hộ nghèo", "number": "12", "decision": "grant"}
    clerk, form = Official(sqlite_intake, "clerk", "clerk-1"), f"/intake/dossiers/{waived}/payments/waiver"
    assert clerk.send(form, seen="copy", **granted) == 303
    place = ask(me)
    answer_all(sqlite_intake, code, requests(sqlite_intake)[code])
    found = document(me, place)
    (declined,) = found["declined_filings"]
    assert (declined["own_data"]["name"], declined["procedure_name"]) == (APPLICANT["name"], "Đòi nợ")
    assert "Đòi nợ" in get(me, place).text
    documented = set(re.findall(r"`([a-z0-9_]+)`", (REPOSITORY / "docs/data-export.md").read_text("utf-8")))
    answers = names_in([each.pop("answers") for each in found["drafts"]])
    assert answers
    assert names_in(found) - documented == set()
    by_code = {each["code"]: each for each in found["dossiers"]}
    (waiver,) = by_code[waived]["fee_waivers"]
    assert (waiver["number"], waiver["category_name"][:12]) == ("12", "Người thuộc ")
    one = by_code[code]
    lists = {name for name, value in one.items() if isinstance(value, list | dict)} - {"others", "answered_at"}
    assert lists | {"application", "contact", "rating"} == set(labels.SECTIONS)
    assert set(view.BASE) < set(one)
