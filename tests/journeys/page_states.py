"""Every state of every page, found from the pages themselves: as first shown, refused, with its forms sent well or wrongly, or empty.

Nothing that is sent here is kept.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from shared.web.answer_in_pieces import REFUSED_FOR
from tests.journeys.page_sample import Sample
from tests.journeys.visitors import HTML, OWN, Cookies, Visit, Visitors
from tests.support.forms import Sending, confirmations, sendings
from tests.support.html import read_page
from tests.support.routes import filled
from tests.support.undone import undone

FOREIGN = {"Origin": "https://example.com", "Accept": HTML}
ENDLESS = {"CONTENT_LENGTH": str(10**9)}
BUSY = "busy.html"
REDIRECTS = 3
_FORM = re.compile(r"<form.*?</form>", re.DOTALL)
_FORM_KEY = re.compile(r'name="form_key" value="[^"]*"')
_TAG = re.compile(r"<([a-z][\w-]*)([^<>]*)>")
_LOOKS = re.compile(r'\s(class|type|role|aria-\w+|checked|disabled|open)(?:="([^"]*)")?')
_IDS = ("aria-describedby", "aria-labelledby", "aria-controls", "aria-label")


@dataclass(frozen=True)
class State:
    """A page in a state.

    Attributes:
        place: what was done, where, by whom.
        template: from which the page was made.
        status: of the answer.
        html: the page.
    """

    place: str
    template: str
    status: int
    html: str

    @property
    def shows(self) -> tuple[str, frozenset[Any]]:
        """What is shown: two pages of one template that show the same differ in texts alone."""
        looks = frozenset(
            (tag, *sorted((name, "" if name in _IDS else value) for name, value in _LOOKS.findall(attributes)))
            for tag, attributes in _TAG.findall(self.html)
        )
        return (self.template, looks)


def distinct_states(sample: Sample, nothing: Visitors, name: str) -> Iterator[State]:
    """The states of a service's pages that differ in what they show.

    Args:
        sample: with something at each place.
        nothing: with nothing yet.
        name: of the service, or ``home``.
    """
    known = set()
    for state in _states(sample, nothing, name):
        assert state.status < 500 or (state.status, state.template) == (503, BUSY), state.place
        if state.shows not in known:
            known.add(state.shows)
            yield state


def _states(sample: Sample, nothing: Visitors, name: str) -> Iterator[State]:
    visits = [visit for visit in sample.visits(name) if visit.html]
    for visit in (*visits, *sample.saved(name)):
        yield State(visit.place, visit.template, visit.status, visit.html)
    admitted = {(visit.rule, visit.reader) for visit in visits if visit.shown}
    for visit in nothing.walk(name, "vi", lambda rule, reader: (rule, reader) in admitted):
        if visit.html:
            yield State(f"{visit.place}, before anything is there", visit.template, visit.status, visit.html)
    shown = {visit.rule: visit for visit in reversed(visits) if visit.shown}
    for rule, visit in shown.items():
        if "<" in rule:
            yield from _got(sample, name, visit, "without such a thing", path=filled(rule, "khong-co"))
        yield from _got(sample, name, visit, "without a session", cookies={})
        alone = sample.session(*visit.reader)
        if alone != sample.cookies(rule, visit.reader):
            yield from _got(sample, name, visit, "with a session alone", cookies=alone)
    yield from _sent_forms(sample, name, visits)
    yield from _refused(sample, name, next(iter(shown.values())))


def _got(
    sample: Sample, name: str, visit: Visit, what: str, cookies: Cookies | None = None, path: str = ""
) -> Iterator[State]:
    browser = sample.browser(name, visit.cookies if cookies is None else cookies)
    answer = browser.get(path or visit.path, headers=OWN)
    yield from _state(sample, f"{visit.place}, {what}", _followed(name, browser, answer))


def _sent_forms(sample: Sample, name: str, visits: list[Visit]) -> Iterator[State]:
    known: set[object] = set()
    context = sample.platform.contexts.get(name)
    for visit in visits:
        forms = (visit.path, *map(_without_key, _FORM.findall(visit.html)))
        if forms in known:
            continue
        known.add(forms)
        for sending in sendings(visit.page, visit.path):
            key = (sending.what, sending.path, *sorted(sending.fields), *_pressed(sending.fields))
            if key in known or not sending.path.startswith(f"/{name}/".replace("/home/", "/")):
                continue
            known.add(key)
            with undone(context.store) if context else nullcontext():
                yield from _sent(sample, name, visit, sending)
                if sending.path not in known and sending.method == "post":
                    known.add(sending.path)
                    yield from _never_read(sample, name, visit, sending)


def _refused(sample: Sample, name: str, visit: Visit) -> Iterator[State]:
    """A page, and a form without and with a file, of a platform that is busy."""
    typed = {"name": "Nguyễn Thị Bưởi", "form_key": "k"}
    for kind in ("", "application/x-www-form-urlencoded", "multipart/form-data"):
        sent: dict[str, Any] = {"method": "POST", "data": typed, "content_type": kind} if kind else {}
        answer = sample.browser(name, visit.cookies).open(
            visit.path, headers=OWN, environ_overrides={REFUSED_FOR: 7}, **sent
        )
        yield from _state(sample, f"{visit.place}, busy {kind}", answer)


def _without_key(form: str) -> str:
    """A form without the key that is drawn anew for each."""
    return _FORM_KEY.sub("", form)


def _pressed(fields: Mapping[str, Any]) -> Iterator[str]:
    """What tells forms of one page apart, and buttons of one form."""
    return (f"{name}={value}" for name, value in fields.items() if name in ("action", "do", "choice"))


def _sent(sample: Sample, name: str, visit: Visit, sending: Sending) -> Iterator[State]:
    """What is shown after a form was sent; if it is a question whether all is right, then also after that was confirmed."""
    browser = sample.browser(name, visit.cookies)
    for state in _answered(sample, name, browser, visit.place, sending):
        yield state
        if sending.what == "well" and state.status == 200 and state.template != visit.template:
            for confirmation in confirmations(read_page(state.html), sending.path):
                yield from _answered(sample, name, browser, state.place, confirmation)


def _answered(sample: Sample, name: str, browser: FlaskClient, where: str, sending: Sending) -> Iterator[State]:
    if sending.method == "get":
        answer = browser.get(f"{sending.path.partition('?')[0]}?{urlencode(sending.fields)}", headers=OWN)
    else:
        kind = "multipart/form-data" if sending.uploads else "application/x-www-form-urlencoded"
        answer = browser.post(sending.path, data=sending.fields, headers=OWN, content_type=kind)
    place = f"{where}, form {sending.path} {sending.what} {' '.join(_pressed(sending.fields))}"
    yield from _state(sample, place, _followed(name, browser, answer))


def _never_read(sample: Sample, name: str, visit: Visit, sending: Sending) -> Iterator[State]:
    """The form in ways in which nothing of it is looked at."""
    ways: dict[str, tuple[Cookies, dict[str, Any]]] = {
        "without a session": ({}, {"headers": OWN}),
        "from another site": (visit.cookies, {"headers": FOREIGN}),
        "without its fields": (visit.cookies, {"headers": OWN}),
        "of endless length": (visit.cookies, {"headers": OWN, "environ_overrides": ENDLESS}),
    }
    for what, (cookies, options) in ways.items():
        browser = sample.browser(name, cookies)
        answer = browser.post(sending.path, data={"x": "x"}, **options)
        yield from _state(sample, f"form {sending.path} {what}", _followed(name, browser, answer))
    answer = sample.browser(name, visit.cookies).get(sending.path, headers=OWN)
    yield from _state(sample, f"{sending.path} opened as a page", answer)


def _followed(name: str, browser: FlaskClient, answer: TestResponse) -> TestResponse:
    """The page to which an answer leads within the service."""
    for _ in range(REDIRECTS):
        place = answer.headers.get("Location", "")
        if answer.status_code != 303 or not place.startswith(f"/{name}/"):
            break
        answer = browser.get(place, headers=OWN)
    return answer


def _state(sample: Sample, place: str, answer: TestResponse) -> Iterator[State]:
    if answer.mimetype == HTML and answer.status_code != 303:
        yield State(place, sample.template(answer), answer.status_code, answer.text)
