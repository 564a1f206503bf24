"""The page of a paired tablet: it asks, keeps what was rated in the browser, and delivers it when it can. It needs JavaScript.

The page, its styles and scripts come from the browser's own store while the platform can't be reached; see ``static/device.js`` and
``static/worker.js``.
"""

from __future__ import annotations

from dataclasses import asdict
from hashlib import sha256
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, current_app, jsonify, make_response, render_template, request
from marshmallow import RAISE

from services.rating.devices.commands import renew_token
from services.rating.devices.delivery import Receipt, take_contact
from services.rating.devices.queries import counter_now
from services.rating.devices.rules import RULES_FILE, device_rules
from services.rating.devices.schemas import contact_schema, report_in
from services.rating.devices.session import current_token, keep_paired, paired_device
from services.rating.problems import domain_errors_as_problems
from services.rating.ratings.form import FORM_FILE, FORMS, rating_form
from shared.persistence.unit_of_work import UnitOfWork
from shared.web.authorization import public, roles, scope_checked
from shared.web.input_bounds import accepts, check_sizes
from shared.web.json_encoding import read_json
from shared.web.views import context

HERE = Path(__file__).parent
FOLDERS = (HERE / "static", HERE / "templates", FORMS)
FILES = (*sorted(file for folder in FOLDERS for file in folder.rglob("*.*")), RULES_FILE, FORM_FILE)
OWN_FILES = sha256(b"".join(file.read_bytes() for file in FILES))
WORKER_POLICY = "default-src 'none'; connect-src 'self'"
"""A service worker asks for pages and files by itself; all else stays forbidden to it."""
CONTACT_BYTES = 96 * 1024
"""Of the largest delivery."""

pages = Blueprint(
    "device_pages", __name__, url_prefix="/rating/device", static_folder="static", template_folder="templates"
)


@pages.get("/")
@roles("device", agency="record")
def device() -> Response:
    """The page on which visitors rate."""
    scope_checked()  # of the tablet's own counter alone
    here, rules = paired_device(), device_rules()
    page = render_template(
        "rating/device/device.html", device=here, form=rating_form(), rules=rules, version=_version()
    )
    response = make_response(page)
    keep_paired(response, current_token())
    return response


@pages.get("/state.json")
@roles("device", agency="record")
def state() -> Response:
    """What the counter does now, for the page: whom it is to ask."""
    scope_checked()  # of the tablet's own counter alone
    here, device = context(), paired_device()
    now = here.clock.now()
    with here.store.read() as connection:
        found = counter_now(connection, device, now, device_rules())
    return jsonify(
        now=now,
        version=_version(),
        pairing=device.pairing,
        since=device.paired_at,
        counter=device.counter,
        tickets=found.tickets,
        turn=asdict(found.turn) if found.turn else None,
    )


@pages.post("/contact")
@roles("device", agency="record")
@accepts(CONTACT_BYTES)
def contact() -> Response:
    """Takes how the tablet is and the ratings that it delivers; says of each what became of it. Sent again, it changes nothing."""
    scope_checked()  # of the tablet's own counter alone
    device, token, sent = paired_device(), current_token(), read_json(request)
    check_sizes(contact_schema, sent)
    body: dict[str, Any] = contact_schema.load(sent, unknown=RAISE)

    def take(work: UnitOfWork) -> tuple[str, Receipt]:
        renewed = renew_token(work, device, token)
        return renewed, take_contact(work, device, report_in(body), body["ratings"])

    with domain_errors_as_problems():
        renewed, receipt = context().store.run(take)
    response = jsonify(now=context().clock.now(), version=_version(), **asdict(receipt))
    keep_paired(response, renewed)
    return response


@pages.get("/worker.js")
@public
def worker() -> Response:
    """The service worker, which gives the page to the tablet while the platform can't be reached."""
    response = pages.send_static_file("worker.js")
    response.headers["Content-Security-Policy"] = WORKER_POLICY
    response.headers["Cache-Control"] = "no-cache"
    return response


def _version() -> str:
    """Of all that the page is made of: a tablet that has another one loads it anew."""
    whole = OWN_FILES.copy()
    whole.update(str(current_app.jinja_env.globals["styles_version"]).encode())
    return whole.hexdigest()[:12]
