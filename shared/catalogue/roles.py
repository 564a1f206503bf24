"""The values that a catalogue may use for roles and fields."""

from __future__ import annotations

from typing import get_args

from shared.agencies.roles import OBSERVER_ROLE, ROLES
from shared.catalogue.route import OfficialRole

AGENCY_ROLES = frozenset(ROLES) - {OBSERVER_ROLE}
"""Roles of agencies that can do a step; ``shared.agencies`` finds the agency with a role at a place."""

OFFICIAL_ROLES: frozenset[str] = frozenset(get_args(OfficialRole))
"""Kinds of official inside an agency: officer (chuyên viên), leader (lãnh đạo), clerk (văn thư, tiếp nhận)."""

FIELDS = {
    "land": "Đất đai",
    "civil_status": "Hộ tịch",
    "justice": "Tư pháp",
    "business": "Đăng ký kinh doanh",
    "labour": "Lao động",
    "social_protection": "Bảo trợ xã hội",
}
"""Codes of the fields (lĩnh vực) of the built-in catalogue and their Vietnamese names."""
