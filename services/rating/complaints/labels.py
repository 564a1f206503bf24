"""What people call states, acts, channels, limits and findings, in Vietnamese and English."""

from __future__ import annotations

from collections.abc import Mapping

from services.rating.complaints.clock import Deadline
from services.rating.complaints.domain import Act, Channel, State
from services.rating.complaints.redaction import Found

Labels = Mapping[str, tuple[str, str]]

STATES: Labels = {
    State.LODGED: ("Mới tiếp nhận", "Lodged"),
    State.MORE_REQUESTED: ("Chờ bổ sung thông tin", "Waits for more from the complainant"),
    State.ASSIGNED: ("Đang xử lý", "Being handled"),
    State.DRAFTED: ("Chờ duyệt trả lời", "Answer waits for approval"),
    State.ANSWERED: ("Đã trả lời", "Answered"),
    State.PUBLISHED: ("Đã công khai", "Published"),
    State.REJECTED: ("Không tiếp nhận", "Rejected"),
    State.WITHDRAWN: ("Đã rút", "Withdrawn"),
    State.REOPENED: ("Xem xét lại", "Reopened"),
}
ACTS: Labels = {
    Act.LODGE: ("Tiếp nhận", "Lodged"),
    Act.ASSIGN: ("Giao xử lý", "Assigned"),
    Act.FORWARD: ("Chuyển xử lý", "Passed on"),
    Act.NAME: ("Ghi nhận người bị phản ánh", "Whom it is about was entered"),
    Act.REQUEST_MORE: ("Yêu cầu bổ sung thông tin", "More was asked for"),
    Act.SUPPLY: ("Người phản ánh bổ sung", "The complainant replied"),
    Act.STOP_WAITING: ("Hết thời hạn chờ bổ sung", "The time for a reply ended"),
    Act.REJECT: ("Không tiếp nhận", "Rejected"),
    Act.DRAFT: ("Dự thảo trả lời", "Answer drafted"),
    Act.SEND_BACK: ("Trả lại dự thảo", "Draft sent back"),
    Act.APPROVE: ("Duyệt trả lời", "Answer approved"),
    Act.PUBLISH: ("Công khai", "Published"),
    Act.WITHDRAW: ("Người phản ánh rút", "Withdrawn by the complainant"),
    Act.REOPEN: ("Người phản ánh yêu cầu xem xét lại", "Reopened by the complainant"),
}
CHANNELS: Labels = {
    Channel.WEB: ("Trang web", "Web"),
    Channel.HOTLINE: ("Đường dây nóng", "Hotline"),
    Channel.MAILBOX: ("Hòm thư góp ý", "Mailbox"),
    Channel.SMS: ("Tin nhắn", "SMS"),
    Channel.KIOSK: ("Ki-ốt", "Kiosk"),
    Channel.PAPER: ("Văn bản", "Paper"),
}
DEADLINES: Labels = {
    Deadline.REJECT: ("Phân loại, từ chối", "To accept or reject"),
    Deadline.ASK: ("Yêu cầu bổ sung", "To ask for more"),
    Deadline.RESOLVE: ("Trả lời", "To answer"),
    Deadline.PUBLISH: ("Công khai", "To publish"),
}
FINDINGS: Labels = {
    Found.PHONE: ("Số điện thoại", "Telephone number"),
    Found.ID_NUMBER: ("Số giấy tờ hoặc mã số thuế", "Identity or tax number"),
    Found.EMAIL: ("Thư điện tử", "E-mail address"),
    Found.DOSSIER: ("Mã hồ sơ", "Dossier code"),
    Found.NAME: ("Họ tên", "Name"),
}
FIELDS: Labels = {
    "official": ("Cán bộ xử lý", "Handling official"),
    "about_official": ("Người bị phản ánh", "Whom it is about"),
    "agency": ("Cơ quan", "Agency"),
    "reason": ("Lý do", "Reason"),
    "text": ("Nội dung", "Text"),
    "ground": ("Lý do không tiếp nhận", "Ground"),
    "question": ("Nội dung phản ánh để công khai", "The complaint for the public"),
    "public_answer": ("Nội dung trả lời để công khai", "The answer for the public"),
    "confirmed": ("Xác nhận", "Confirmation"),
}
