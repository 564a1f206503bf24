"""The JSON of withdrawals."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from services.intake.dossiers.schemas import StateSchema, moment
from services.intake.filing.domain.applicant import MAX_NOTE


class WithdrawalSchema(Schema):
    """The citizen withdraws the dossier."""

    reason = fields.Str(load_default="", validate=validate.Length(max=MAX_NOTE))


class WithdrawnSchema(StateSchema):
    """The withdrawal was recorded."""

    code = fields.Str()
    withdrawn_at = moment()
