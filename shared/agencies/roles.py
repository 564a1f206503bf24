"""The roles of agencies: stable names used in process templates and in the catalogue of procedures.

A template names no agency, only a role ("the tax office near the receiving desk"); `Agencies.resolve` finds who
plays it at a place on a date. A new role is one line here and a mention in the agency data.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Role:
    """A role: its stable name, its Vietnamese and its English label."""

    name: str
    vi: str
    en: str


ONE_STOP_DESK = "one_stop_desk"
OBSERVER_ROLE = "national_portal"
"""The role of agencies that observe dossiers and get no steps."""

DEPARTMENTS = (
    Role("finance", "Tài chính", "Finance"),
    Role("construction", "Xây dựng", "Construction"),
    Role("transport", "Giao thông vận tải", "Transport"),
    Role("industry_trade", "Công Thương", "Industry and trade"),
    Role("agriculture", "Nông nghiệp và phát triển nông thôn", "Agriculture and rural development"),
    Role("health", "Y tế", "Health"),
    Role("education", "Giáo dục và đào tạo", "Education and training"),
    Role("culture", "Văn hóa và thể thao", "Culture and sports"),
    Role("tourism", "Du lịch", "Tourism"),
    Role("information", "Thông tin và truyền thông", "Information and communications"),
    Role("science", "Khoa học và công nghệ", "Science and technology"),
    Role("home_affairs", "Nội vụ", "Home affairs"),
    Role("foreign_affairs", "Ngoại vụ", "Foreign affairs"),
    Role("economic_zone", "Khu kinh tế", "Economic zones"),
    Role("ethnic_affairs", "Dân tộc", "Ethnic affairs"),
    Role("inspectorate", "Thanh tra", "Inspectorate"),
    Role("investment_promotion", "Xúc tiến đầu tư", "Investment promotion"),
)
"""Departments of a province that decide at its centre. Not every province's data has them, and no built-in procedure needs them."""

_ALL = (
    # Receives dossiers and returns results: Bộ phận Một cửa, Trung tâm Phục vụ hành chính công.
    Role(ONE_STOP_DESK, "Bộ phận Một cửa", "One-stop desk"),
    Role("peoples_committee", "Ủy ban nhân dân", "People's committee"),
    # Births, marriages, deaths and certified copies; in a commune the committee itself has this role.
    Role("civil_status", "Hộ tịch, chứng thực", "Civil status and certification"),
    Role("justice", "Tư pháp", "Justice"),
    # Residence registration and identity papers.
    Role("police", "Công an", "Police"),
    Role("social_insurance", "Bảo hiểm xã hội", "Social insurance"),
    Role("land_registry", "Đăng ký đất đai", "Land registry"),
    Role("natural_resources", "Tài nguyên và môi trường", "Natural resources and environment"),
    Role("tax", "Thuế", "Tax"),
    # Enterprises, household businesses and investment registration.
    Role("business_registration", "Đăng ký kinh doanh và đầu tư", "Business and investment registration"),
    # Labour and social affairs: funeral allowances, social protection.
    Role("labour", "Lao động và xã hội", "Labour and social affairs"),
    *DEPARTMENTS,
    # Publishes every dossier's progress (NĐ 118/2025, article 27); it observes and gets no steps.
    Role(OBSERVER_ROLE, "Cổng Dịch vụ công quốc gia", "National public service portal"),
)

ROLES: Mapping[str, Role] = MappingProxyType({role.name: role for role in _ALL})
"""Every role by its stable name, in the order for screens."""
