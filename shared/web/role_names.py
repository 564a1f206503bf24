"""What people call the roles of officials and programs, on every page."""

from __future__ import annotations

ROLE_NAMES: dict[str, tuple[str, str]] = {
    "clerk": ("Cán bộ Một cửa", "One-stop clerk"),
    "officer": ("Chuyên viên", "Officer"),
    "leader": ("Lãnh đạo", "Leader"),
    "agency": ("Phần mềm của cơ quan", "An agency's software"),
    "operator": ("Vận hành hệ thống", "System operator"),
    "auditor": ("Cán bộ kiểm tra", "Auditor"),
}
"""By role: Vietnamese and English."""
