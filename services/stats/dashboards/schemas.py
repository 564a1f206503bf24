"""The queries of dashboards."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from marshmallow import EXCLUDE, Schema, ValidationError, fields, validate, validates_schema

from services.stats.dashboards.selection import BREAKDOWNS, CUSTOM, FILTER_NAMES, PERIODS, TILE_MEASURES, Selection
from services.stats.measures.queries import LISTED
from shared.agencies import LEVELS
from shared.contracts.intake import CHANNELS

EARLIEST, LATEST = date(2000, 1, 1), date(2100, 12, 31)
LONGEST = timedelta(days=3660)
"""Of a period of free days: ten years."""
_CODE = validate.Length(max=100)
_YEARS = validate.Range(EARLIEST, LATEST, error="Năm không hợp lệ.")


class SelectionSchema(Schema):
    """What a view shows; all of it may be left out."""

    class Meta:
        """Of other arguments, such as the language, nothing is known here."""

        unknown = EXCLUDE

    kind = fields.Str(data_key="period", validate=validate.OneOf(PERIODS), load_default=PERIODS[2])
    on = fields.Date(load_default=None, validate=_YEARS)
    first = fields.Date(data_key="from", load_default=None, validate=_YEARS)
    last = fields.Date(data_key="to", load_default=None, validate=_YEARS)
    level = fields.Str(validate=validate.OneOf(LEVELS))
    agency = fields.Str(validate=_CODE)
    handling_agency = fields.Str(validate=_CODE)
    field = fields.Str(validate=_CODE)
    procedure = fields.Str(validate=validate.Length(max=50))
    channel = fields.Str(validate=validate.OneOf(CHANNELS))
    by = fields.Str(validate=validate.OneOf(BREAKDOWNS), load_default=BREAKDOWNS[0])
    tile = fields.Str(validate=validate.OneOf(TILE_MEASURES), load_default=TILE_MEASURES[0])

    @validates_schema
    def _is_not_too_long(self, data: Mapping[str, Any], **_: Any) -> None:
        first, last = data["first"], data["last"]
        if first and last and last < first:
            raise ValidationError("Ngày cuối không được trước ngày đầu.", "to")
        if first and last and last - first > LONGEST:
            raise ValidationError("Khoảng thời gian dài nhất là 10 năm.", "from")


class ListedSchema(SelectionSchema):
    """Which list behind a number is shown."""

    measure = fields.Str(required=True, validate=validate.OneOf(LISTED))
    unit = fields.Str(load_default="", validate=_CODE)
    merged = fields.Str(load_default="", validate=validate.OneOf(("agency", "handling_agency")))
    received_level = fields.Str(load_default="", validate=validate.OneOf(("", *LEVELS)))
    after = fields.Str(load_default="", validate=validate.Length(max=600))


class FileSchema(SelectionSchema):
    """Which tables a file holds."""

    unit = fields.Str(load_default="", validate=_CODE)
    table = fields.Str(load_default="", validate=validate.Length(max=20))


def selection_of(data: Mapping[str, Any]) -> Selection:
    """The view of a loaded query."""
    custom = data["first"] is not None or data["last"] is not None
    return Selection(
        kind=CUSTOM if custom else data["kind"],
        on=None if custom else data["on"],
        first=data["first"],
        last=data["last"],
        filters={name: data[name] for name in FILTER_NAMES if data.get(name)},
        by=data["by"],
        tile=data["tile"],
    )
