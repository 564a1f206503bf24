"""The events of surveys: who is invited to answer one, and what came of it."""

from __future__ import annotations

from marshmallow import fields

from shared.contracts.base import EventSchema, EventType, time_field


class SurveyInvited(EventSchema):
    survey = fields.Str(required=True)
    dossier = fields.Str(required=True)
    token = fields.Str(required=True)
    expires_at = time_field()
    reminder = fields.Bool(required=True)  # whether the citizen was invited before


class SurveyClosed(EventSchema):
    survey = fields.Str(required=True)
    agency = fields.Str(required=True, allow_none=True)  # None: of all agencies
    invited = fields.Int(required=True)
    responses = fields.Int(required=True)
    index_per_mille = fields.Int(required=True, allow_none=True)  # 914 is 91,4 %; None: too few answers
    closed_at = time_field()


_SURVEY = "2a6c1f7e-54d0-4c1b-8f0a-90b1d7c3e512"

EVENTS = (
    EventType(
        name="survey.invited",
        owner="rating",
        subscribers=("notify",),
        restricted=True,
        secret=True,
        schema=SurveyInvited(),
        title=(
            "Mời trả lời phiếu khảo sát bằng mã dùng một lần",
            "The citizen is invited to a survey, with a one-time token",
        ),
        example={
            "survey": _SURVEY,
            "dossier": "000.00.14.H57-251120-0118",
            "token": "k3j9xq2mvb7mwz5t0a1b",
            "expires_at": "2026-09-30T17:00:00+07:00",
            "reminder": False,
        },
    ),
    EventType(
        name="survey.closed",
        owner="rating",
        subscribers=("stats",),
        key="survey",
        schema=SurveyClosed(),
        title=("Đợt khảo sát đã kết thúc", "A survey has ended; how many were invited and have answered"),
        example={
            "survey": _SURVEY,
            "agency": "H57.10.01",
            "invited": 400,
            "responses": 212,
            "index_per_mille": 914,
            "closed_at": "2026-09-30T17:00:00+07:00",
        },
    ),
)
