"""A database that goes away after the view has ended, when the read is to be recorded: the caller is told to try again."""

from __future__ import annotations

from flask import Flask, Response, after_this_request
from sqlalchemy.exc import TimeoutError as PoolTimeout

from shared.web.error_handlers import register_error_handlers


def app_that_fails_after_its_view(error: Exception) -> Flask:
    app = Flask("late")
    register_error_handlers(app)

    @app.get("/late")
    def late() -> str:
        @after_this_request
        def keep(_response: Response) -> Response:
            raise error

        return "done"

    return app


def test_a_read_that_cannot_be_recorded_now_is_asked_for_again() -> None:
    answer = app_that_fails_after_its_view(PoolTimeout("busy")).test_client().get("/late")
    assert answer.status_code == 503
    assert answer.headers["Retry-After"]


def test_a_fault_after_the_view_is_numbered_and_says_nothing_else() -> None:
    answer = app_that_fails_after_its_view(ValueError("a secret")).test_client().get("/late")
    assert answer.status_code == 500
    assert answer.json is not None
    assert answer.json["instance"].startswith("urn:motcua:failure:")
    assert "a secret" not in answer.text
