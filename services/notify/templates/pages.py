"""The pages of message templates: all of them, and one with its preview, the agency's own text and a test."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from flask import Response, make_response, render_template, request, url_for

from services.notify import access
from services.notify.channels.domain import Channel
from services.notify.overview.domain import CHANNEL_LABELS
from services.notify.overview.frame import caller
from services.notify.overview.price_loader import segment_price
from services.notify.problems import PROBLEMS, domain_errors_as_problems
from services.notify.templates.commands import (
    TESTABLE,
    checked_template,
    preview,
    remove_own_text,
    send_test,
    text_in_force,
    write_own_text,
)
from services.notify.templates.domain import LANGUAGES, PLACEHOLDERS, WITH_SUBJECT, Template, TemplateError
from services.notify.templates.labels import label_of
from services.notify.templates.store import find_override, overrides_of
from services.notify.templates.template_loader import all_templates
from shared.persistence.unit_of_work import UnitOfWork
from shared.web.authorization import principal, roles, scope_checked
from shared.web.domain_errors import problem_for
from shared.web.form_once import once_per_form
from shared.web.language import text as in_language
from shared.web.one_time_notice import one_time_notice, redirect_with_notice
from shared.web.pages import page_blueprint
from shared.web.problem import Problem
from shared.web.views import context

MAX_TEXT = 2000
MAX_SUBJECT = 200
LANGUAGE_LABELS = {"vi": ("Tiếng Việt", "Vietnamese"), "en": ("Tiếng Anh", "English")}
FIELDS = {
    "text": ("Nội dung", "Text"),
    "subject": ("Tiêu đề", "Subject"),
    "address": ("Số điện thoại hoặc địa chỉ", "Number or address"),
}

pages = page_blueprint("notify", __name__, "template_pages")


@pages.get("/templates")
@roles(*access.MESSAGE_READERS, agency="record")
@domain_errors_as_problems()
def list_templates() -> str:
    """All texts of one channel and language, with those that are the agency's own."""
    channel, language = request.args.get("channel", "sms"), request.args.get("language", "vi")
    if channel not in CHANNEL_LABELS or language not in LANGUAGES:
        raise Problem(404, "not-found")
    agency = _agency()
    with context().store.read() as connection:
        own = {(one.channel, one.language, one.name): one for one in overrides_of(connection, agency)}
    found = [
        (name, label_of(name), own.get((Channel(channel), language, name)), template)
        for name, template in all_templates()[Channel(channel), language].items()
    ]
    return render_template(
        "notify/templates.html",
        caller=caller(principal()),
        found=found,
        channel=channel,
        chosen_language=language,
        channels=CHANNEL_LABELS,
        languages=LANGUAGE_LABELS,
    )


@pages.get("/templates/<channel>/<language>/<template>")
@roles(*access.MESSAGE_READERS, agency="record")
@domain_errors_as_problems()
def show(channel: str, language: str, template: str) -> str:
    """A text with its preview; leaders change it here."""
    return _page(checked_template(channel, language, template))


@pages.post("/templates/<channel>/<language>/<template>")
@roles(*access.TEMPLATE_EDITORS, agency="record")
@domain_errors_as_problems()
def change(channel: str, language: str, template: str) -> Response:
    """Runs the action of the form's button: a preview of what is typed, keeping it, the common text again, or a test."""
    common = checked_template(channel, language, template)
    _agency()
    place = url_for("template_pages.show", channel=channel, language=language, template=template)
    action = request.form.get("action", "")
    try:
        if action == "text" and "preview" in request.form:
            return make_response(_page(common, tried=_typed(common)))
        if action not in _ACTIONS:
            raise Problem(422, "invalid")
        _ACTIONS[action](common)
    except Problem as problem:
        return make_response(_page(common, problem), problem.status)
    except tuple(PROBLEMS) as error:
        refused = problem_for(PROBLEMS, error)
        return make_response(_page(common, refused), refused.status)
    return redirect_with_notice(place, "sent" if action == "test" else "saved")


def _save(common: Template) -> None:
    template, who = _typed(common), principal()
    context().store.run(lambda work: write_own_text(work, who.agency, template, who.subject))


def _remove(common: Template) -> None:
    agency = principal().agency
    context().store.run(lambda work: remove_own_text(work, agency, common))


def _test(common: Template) -> None:
    who, typed = principal(), request.form.get("address", "")[:254]

    def effect(work: UnitOfWork) -> dict[str, Any]:
        send_test(work, who.agency, text_in_force(work, who.agency, common), typed, who.subject)
        return {}

    once_per_form(effect)


_ACTIONS: Mapping[str, Callable[[Template], None]] = {"text": _save, "common": _remove, "test": _test}


def _typed(common: Template) -> Template:
    """The text of the form.

    Raises:
        Problem: 422, too long.
        TemplateError: not valid.
    """
    text = "\n".join(line.rstrip() for line in request.form.get("text", "").splitlines()).strip()
    subject = " ".join(request.form.get("subject", "").split())
    if len(text) > MAX_TEXT or len(subject) > MAX_SUBJECT:
        raise TemplateError(f"more than {MAX_TEXT} characters")
    if common.channel is Channel.SMS:
        text = " ".join(text.split())
    folded = common.channel is Channel.SMS and request.form.get("diacritics") != "keep"
    subject = subject if common.channel in WITH_SUBJECT else ""
    return replace(common, text=text, subject=subject, folded=folded, html="", version="")


def _agency() -> str:
    here = context()
    access.own_agencies(principal(), here.reference.agencies, here.clock.now().date())
    scope_checked()
    return principal().agency


def _page(common: Template, problem: Problem | None = None, tried: Template | None = None) -> str:
    here, agency = context(), _agency()
    with here.store.read() as connection:
        own = find_override(connection, agency, common.channel, common.language, common.name)
    shown = common
    if own is not None:
        shown = replace(common, text=own.text, subject=own.subject, folded=own.folded, html="")
    tried = tried or shown
    seen = preview(tried, here.settings.public_url)
    return render_template(
        "notify/template.html",
        caller=caller(principal()),
        template=shown,
        tried=tried,
        common=common,
        own=own,
        label=label_of(common.name),
        channel_label=CHANNEL_LABELS[common.channel],
        language_label=LANGUAGE_LABELS[common.language],
        placeholders=sorted(PLACEHOLDERS[common.name]),
        preview=seen,
        price=segment_price(here.clock.now().date()),
        edits=principal().has(*access.TEMPLATE_EDITORS),
        testable=common.channel in TESTABLE,
        labels={name: in_language(*label) for name, label in FIELDS.items()},
        problem=problem,
        notice=one_time_notice(),
        form_key=secrets.token_urlsafe(16),
    )
