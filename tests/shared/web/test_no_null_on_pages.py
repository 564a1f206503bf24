"""No page shows the word None for a value that is not there."""

from __future__ import annotations

from flask import Flask, render_template_string

from shared.web.pages import prepare_pages


def test_a_missing_value_is_shown_as_nothing() -> None:
    app = Flask("shared.web")
    prepare_pages(app)
    with app.app_context():
        shown = render_template_string("{{ missing }}|{{ zero }}|{{ text }}", missing=None, zero=0, text="None of it")
    assert shown == "|0|None of it"
