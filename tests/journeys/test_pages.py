"""What every page of every service keeps, whoever looks at it: ids, labels, and what was typed into a form that failed."""

from __future__ import annotations

import re

import pytest

from services.registry import SERVICE_NAMES
from tests.journeys.actors import DESK, LAND_REGISTRY
from tests.journeys.page_sample import Sample
from tests.journeys.visitors import pages
from tests.support.html import Element, broken_references, read_page, repeated_ids, unlabelled

WHERE = ("home", *SERVICE_NAMES)
pytestmark = pytest.mark.timeout(400)  # the first test makes the sample


@pytest.mark.parametrize("name", WHERE)
def test_ids_are_unique_and_every_field_has_its_label(sample: Sample, name: str) -> None:
    faults = [
        (place, fault)
        for place, page in pages(sample, name)
        for fault in (repeated_ids(page), unlabelled(page), broken_references(page))
        if fault
    ]
    assert faults == []


REASON = "Thiếu chữ ký của bên nhận chuyển nhượng."
CITIZEN, OFFICER, LEADER, DESK_LEADER = (
    ("", ""),
    ("officer", LAND_REGISTRY),
    ("leader", LAND_REGISTRY),
    ("leader", DESK),
)
TASK, DOSSIER, STAFF = "/routing/tasks/<task_id>", "/routing/dossiers/<code>", "/routing/people"
FORMS: dict[str, tuple[tuple[str, str], str, dict[str, str]]] = {
    "supplement": (OFFICER, TASK, {"reason": REASON, "papers": " "}),
    "refuse": (OFFICER, TASK, {"reason": REASON, "document": ""}),
    "refuse without a reason": (OFFICER, TASK, {"reason": "", "document": "12/TB"}),
    "complete": (OFFICER, TASK, {"outcome": "nothing", "note": REASON}),
    "note": (OFFICER, TASK, {"note": "  "}),
    "return": (OFFICER, TASK, {"reason": " "}),
    "assign": (LEADER, TASK, {"official": "officer-9", "reason": " "}),
    "extend": (LEADER, DOSSIER, {"new_due_at": "", "reason": REASON}),
    "stop": (LEADER, DOSSIER, {"reason": " "}),
    "official": (DESK_LEADER, STAFF, {"subject": "  ", "role": "leader"}),
    "absence": (DESK_LEADER, STAFF, {"absent": "officer-8", "first_day": "2025-11-05", "last_day": ""}),
    "duty": (DESK_LEADER, STAFF, {"on_duty": "officer-8", "centre": DESK, "day": ""}),
    " code": (CITIZEN, "/intake/", {"code": "H12.31.01-251103-0001"}),
    " no code": (CITIZEN, "/intake/", {"code": "không nhớ"}),
    " rating code": (CITIZEN, "/rating/", {"code": "abc"}),
    " rating": (CITIZEN, "/rating/r/<token>", {"comment": "Chờ lâu.\nNhưng cán bộ tận tình."}),
}
"""Forms with something wrong: who sends them, the page, and what is typed; named after the form's action."""


@pytest.mark.parametrize("name", FORMS)
def test_a_form_that_failed_keeps_what_was_typed_and_tells_of_no_success(sample: Sample, name: str) -> None:
    reader, rule, typed = FORMS[name]
    action = name.partition(" ")[0]
    sent = {"action": action, **typed} if action else typed
    answer = sample.send(rule.split("/")[1], reader, sample.path(rule), **sent)
    page = read_page(answer.get_data(as_text=True))
    assert repeated_ids(page) == []
    faults = [one for one in page.all() if one.get("role") == "alert" or one.get("class") == "field-error"]
    assert faults
    assert not [one for one in page.all() if one.get("role") == "status"], "a success beside an error"
    shown: dict[str, str] = {}
    for form in page.all("form"):
        hidden = [one.get("value") for one in form.all("input") if one.get("name") == "action"]
        if hidden == ([action] if action else []):
            shown |= texts_in(form)
    assert {name: text for name, text in shown.items() if name in typed} == {
        name: text for name, text in typed.items() if name in shown
    }
    assert shown.keys() & typed.keys()


SAVED: dict[str, tuple[tuple[str, str], str, dict[str, str]]] = {
    "a remark": (OFFICER, TASK, {"action": "note", "note": REASON}),
    "an official": (DESK_LEADER, STAFF, {"action": "official", "subject": "officer-8", "role": "officer"}),
}
"""Forms that succeed and say so: who sends them, the page, and what is typed."""


@pytest.mark.parametrize("name", SAVED)
def test_a_success_is_told_once(sample: Sample, name: str) -> None:
    reader, rule, typed = SAVED[name]
    path, service = sample.path(rule), rule.split("/")[1]
    browser = sample.client(service, *reader)
    headers = {"Origin": "http://localhost", "Accept": "text/html"}
    answer = browser.post(path, data=typed, headers=headers)
    assert (answer.status_code, answer.headers["Location"]) == (303, path), "the address of the page tells nothing"
    shown, reloaded = (browser.get(path, headers=headers).get_data(as_text=True) for _ in range(2))
    assert "Đã lưu" in shown
    assert "Đã lưu" not in reloaded


def texts_in(form: Element) -> dict[str, str]:
    """What the fields for text of a form show, by name."""
    shown = {
        one.get("name"): one.get("value") for one in form.all("input") if one.get("type") not in ("hidden", "radio")
    }
    boxes = {one.get("name"): "".join(map(str, one.children)).removeprefix("\n") for one in form.all("textarea")}
    return shown | boxes


@pytest.mark.parametrize("action", ["supplement", "refuse", "return", "assign", "extend", "stop"])
def test_a_missing_reason_is_asked_for(sample: Sample, action: str) -> None:
    reader, rule, _ = FORMS[action]
    filled = {"document": "12/TB", "papers": "Bản vẽ", "new_due_at": "2025-11-12T09:00", "official": "officer-9"}
    answer = sample.send("routing", reader, sample.path(rule), action=action, reason="  ", **filled)
    assert answer.status_code == 422
    page = read_page(answer.get_data(as_text=True))
    (alert,) = [one for one in page.all() if one.get("role") == "alert"]
    assert "Vui lòng nhập lý do." in alert.text
    (link,) = alert.all("a")
    (box,) = [one for one in page.all("textarea") if one.get("id") == link.get("href")[1:]]
    assert box.get("name") == "reason"
    assert box.get("aria-invalid") == "true"


VIETNAMESE = re.compile("[ăâđêôơưàáảãạằắẳẵặầấẩẫậèéẻẽẹềếểễệìíỉĩịòóỏõọồốổỗộờớởỡợùúủũụừứửữựỳýỷỹỵ]", re.IGNORECASE)
ENGLISH = re.compile(
    r"\b(the|and|of|your?|is|are|not|with|this|that|was|were|home|search|dossiers?|agency|official|sign (in|out))\b",
    re.IGNORECASE,
)
PAPERS = (
    "/intake/dossiers/<code>/payments/<payment>/receipt",
    "/intake/payments/refunds/<refund>/voucher",
    "/intake/payments/day/closings/<closing>",
)
"""Official forms are Vietnamese, whatever language the reader has chosen."""
NO_WORDS = ("code", "pre", "style")
"""Elements whose text is for machines."""


def is_quoted(element: Element) -> bool:
    """Whether a text is quoted as it was sent, or is to be sent: data in a declared language, maybe without diacritics."""
    return any(one.get("translate") == "no" and one.get("lang") for one in element.above())


def in_a_wrong_language(page: Element, language: str) -> list[str]:
    """The texts that are not in the language that is declared for them, and attributes that people hear."""
    (html,) = page.all("html")
    faults = [] if html.get("lang") == language else [f"lang={html.get('lang')}"]
    spoken = [(one.get(name), one) for one in page.all() for name in ("aria-label", "title", "data-label", "alt")]
    for text, element in [*page.texts(), *spoken]:
        if is_quoted(element) or any(one.tag in NO_WORDS for one in element.above()):
            continue
        wrong = VIETNAMESE if element.language == "en" else ENGLISH
        if text and wrong.search(text):
            faults.append(f"{element.language}: {text[:80]}")
    return faults


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("name", WHERE)
def test_a_page_is_in_one_language(sample: Sample, name: str, language: str) -> None:
    faults = {
        fault: place
        for place, page in pages(sample, name, language)
        for fault in in_a_wrong_language(page, "vi" if place.startswith(PAPERS) else language)
    }
    assert faults == {}


@pytest.mark.parametrize("name", WHERE)
def test_what_scrolls_can_be_reached_by_keyboard_and_has_a_name(sample: Sample, name: str) -> None:
    faults = {}
    for place, page in pages(sample, name):
        if place.startswith(PAPERS):
            continue  # to be printed
        for table in page.all("table"):
            if not any(reachable(one) for one in table.above()):
                faults[place] = "a table"
        if any(one.get("tabindex") != "0" for one in page.all("pre")):
            faults[place] = "a sample"
    assert faults == {}


def reachable(element: Element) -> bool:
    """Whether an element is a named region that takes the focus."""
    named = element.get("aria-label") or element.get("aria-labelledby")
    return element.get("role") == "region" and element.get("tabindex") == "0" and bool(named)
