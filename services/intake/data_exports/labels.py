"""What people call the fields of an export, and the codes in it. The names themselves never change; docs/data-export.md lists them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.intake.applications.domain import Status
from services.intake.conversations.domain import Kind as ConversationKind
from services.intake.desk.declined.domain import Reason as DeclineReason
from services.intake.documents.domain import DocumentType
from services.intake.dossiers.domain import State
from services.intake.filing.domain.applicant import Sex
from services.intake.filing.domain.assessment import PaperForm
from services.intake.filing.domain.identity_document import DocumentKind
from services.intake.filing.domain.parties import Relation
from services.intake.filing.domain.preferences import LANGUAGES, MESSAGE_CHANNELS
from services.intake.foreign_access.domain import REASONS
from services.intake.mine.domain import Part
from services.intake.online.domain import DELIVERIES
from services.intake.payments.refunds.domain import CAUSES
from services.intake.payments.waivers.domain import SEEN
from services.intake.results.domain import IdentityCheck, Method
from shared.web.auditor import ACTION_LABELS

Label = tuple[str, str]

SECTIONS: Mapping[str, Label] = {
    "own_data": ("Dữ liệu của ông/bà trong hồ sơ", "Your data in the dossier"),
    "papers": ("Giấy tờ đã nộp", "Papers handed in"),
    "files": ("Tệp đã tải lên", "Uploaded files"),
    "application": ("Hồ sơ đăng ký trực tuyến hoặc qua bưu chính", "As filed online or by post"),
    "states": ("Các trạng thái", "States"),
    "corrections": ("Các lần sửa thông tin", "Corrections"),
    "supplement_requests": ("Yêu cầu bổ sung", "Papers asked for"),
    "conversation": ("Trao đổi về hồ sơ", "Questions, answers and calls"),
    "new_dates": ("Hẹn lại ngày trả kết quả", "New dates"),
    "obligations": ("Nghĩa vụ tài chính", "Financial obligations"),
    "payments": ("Đã nộp tiền", "Payments"),
    "refunds": ("Hoàn trả tiền", "Refunds"),
    "fee_waivers": ("Miễn, giảm phí, lệ phí", "Fee waivers"),
    "documents": ("Văn bản đã phát hành", "Issued papers"),
    "deliveries": ("Cách nhận kết quả đã chọn", "How you chose to get the result"),
    "result_files": ("Kết quả điện tử", "Electronic result"),
    "hand_overs": ("Trả kết quả", "Handing over the result"),
    "opened_by_others": ("Cơ quan khác đã mở hồ sơ, có nêu lý do", "Opened by other agencies, with a reason"),
    "readings": ("Các lần cán bộ xem hồ sơ", "When officials read the dossier"),
    "contact": ("Thông tin liên hệ để gửi tin nhắn", "Contact for messages"),
    "messages": ("Tin nhắn đã gửi", "Messages"),
    "message_readings": ("Các lần cán bộ xem tin nhắn", "When officials read the messages"),
    "rating": ("Đánh giá", "Rating"),
}
"""The parts of a dossier, in the order of the page."""

PEOPLE = ("person", "own_data", "contact", "agreements", "declined_filings")
"""Sections in which a name is a person's."""
FIELDS: Mapping[str, Label] = {
    "accepted": ("Được chấp nhận", "Accepted"),
    "action": ("Việc", "What"),
    "address": ("Địa chỉ", "Address"),
    "agency_name": ("Cơ quan", "Agency"),
    "amount": ("Số tiền", "Amount"),
    "asked_at": ("Đề nghị lúc", "Asked at"),
    "added_at": ("Công bố lúc", "Published at"),
    "at": ("Lúc", "At"),
    "authority": ("Căn cứ đại diện", "Authority"),
    "birth_date": ("Ngày sinh", "Date of birth"),
    "by_post": ("Qua bưu chính", "By post"),
    "bytes": ("Số byte", "Bytes"),
    "case_name": ("Trường hợp", "Case"),
    "category_name": ("Đối tượng", "Category"),
    "cause": ("Nguyên nhân", "Cause"),
    "changed": ("Mục đã sửa", "What was corrected"),
    "channel": ("Hình thức nộp", "How it was filed"),
    "channels": ("Kênh liên hệ ưu tiên", "Preferred channels"),
    "chat_user": ("Tài khoản trò chuyện", "Chat user"),
    "chosen_at": ("Chọn lúc", "Chosen at"),
    "comment": ("Ý kiến", "Comment"),
    "copies": ("Số bản", "Copies"),
    "corrected_at": ("Sửa lúc", "Corrected at"),
    "criteria": ("Từng nội dung", "By criterion"),
    "decided_at": ("Quyết định lúc", "Decided at"),
    "declined_at": ("Trả lời lúc", "Answered at"),
    "decision": ("Nội dung quyết định", "Decision"),
    "delivery": ("Cách nhận kết quả", "Delivery"),
    "delivery_address": ("Địa chỉ nhận kết quả", "Delivery address"),
    "desk_name": ("Nơi tiếp nhận", "Received by"),
    "document": ("Giấy tờ xuất trình", "Document shown"),
    "due_at": ("Hạn giải quyết hiện nay", "Due now"),
    "email": ("Thư điện tử", "Email"),
    "evidence": ("Giấy tờ chứng minh", "Evidence"),
    "expires_at": ("Có thể đánh giá đến", "Could be rated until"),
    "extended_at": ("Hẹn lại lúc", "Put off at"),
    "fee": ("Phí, lệ phí", "Fee"),
    "fee_paid_at": ("Nộp phí, lệ phí lúc", "Fee paid at"),
    "filed_at": ("Nộp lúc", "Filed at"),
    "finished_at": ("Hoàn tất lúc", "Finished at"),
    "form": ("Hình thức", "Form"),
    "given_at": ("Đánh giá lúc", "Rated at"),
    "given_back_at": ("Trả lại lúc", "Given back at"),
    "handed_over_at": ("Trả lúc", "Handed over at"),
    "happened_at": ("Gọi lúc", "Called at"),
    "id_kind": ("Loại giấy tờ", "Kind of document"),
    "id_number": ("Số giấy tờ", "Number of the document"),
    "identity": ("Cách xác định người nhận", "How the receiver was known"),
    "invited_at": ("Mời đánh giá lúc", "Invited to rate at"),
    "issued_at": ("Phát hành lúc", "Issued at"),
    "kept": ("Đang giữ bản chính", "Original kept"),
    "kind": ("Loại", "Kind"),
    "language": ("Ngôn ngữ", "Language"),
    "media_type": ("Định dạng", "Format"),
    "method": ("Cách thức", "Method"),
    "name": ("Tên", "Name"),
    **{f"{section}.name": ("Họ tên", "Name") for section in PEOPLE},
    "matter": ("Nội dung yêu cầu", "What was asked for"),
    "note": ("Ghi chú", "Note"),
    "number": ("Số", "Number"),
    "old_id_number": ("Số CMND cũ", "Old identity card"),
    "originals": ("Bản chính trả lại", "Originals given back"),
    "paid_at": ("Nộp lúc", "Paid at"),
    "papers": ("Giấy tờ", "Papers"),
    "parcel": ("Số hiệu bưu gửi", "Parcel"),
    "parcel_number": ("Số hiệu bưu gửi đến", "Parcel that came"),
    "parcel_sender": ("Người gửi bưu gửi", "Sender of the parcel"),
    "phone": ("Điện thoại", "Phone"),
    "promised_at": ("Hẹn trả kết quả", "Promised"),
    "reason": ("Lý do", "Reason"),
    "received_at": ("Tiếp nhận lúc", "Received at"),
    "receiver_name": ("Người nhận kết quả", "Who took the result"),
    "reference": ("Nội dung giao dịch", "Reference"),
    "refusal_agency_name": ("Cơ quan từ chối", "Refused by"),
    "refusal_document": ("Văn bản từ chối", "Written refusal"),
    "refusal_reason": ("Lý do từ chối", "Reason of the refusal"),
    "registered_at": ("Ghi nhận lúc", "Registered at"),
    "relation": ("Tư cách", "Relation"),
    "replaced_at": ("Được thay thế lúc", "Replaced at"),
    "requested_at": ("Yêu cầu lúc", "Asked at"),
    "resolved_at": ("Giải quyết xong lúc", "Resolved at"),
    "return_note": ("Ghi chú khi trả kết quả", "Note of the hand-over"),
    "return_parcel": ("Số hiệu bưu gửi trả lại", "Parcel that went back"),
    "returned_at": ("Trả kết quả lúc", "Returned at"),
    "score": ("Mức hài lòng (1–5)", "Score (1–5)"),
    "seen": ("Cách xem giấy tờ", "How the paper was seen"),
    "series": ("Ký hiệu", "Series"),
    "sex": ("Giới tính", "Sex"),
    "sha256": ("Mã băm SHA-256", "SHA-256"),
    "size": ("Số byte", "Bytes"),
    "state": ("Trạng thái", "State"),
    "status": ("Trạng thái", "Status"),
    "stop_reason": ("Lý do dừng giải quyết", "Reason of the stop"),
    "stopped_at": ("Dừng giải quyết lúc", "Stopped at"),
    "stopped_sms": ("Đã từ chối nhận tin nhắn SMS", "Has stopped SMS"),
    "supplement_papers": ("Giấy tờ được yêu cầu bổ sung", "Papers asked for"),
    "supplement_reason": ("Lý do yêu cầu bổ sung", "Why papers were asked for"),
    "supplement_requested_at": ("Yêu cầu bổ sung lúc", "Papers asked for at"),
    "supplement_until": ("Hạn bổ sung", "Papers until"),
    "supplemented_at": ("Bổ sung lúc", "Supplemented at"),
    "taken_at": ("Tải về lần đầu lúc", "First downloaded at"),
    "text": ("Nội dung", "Text"),
    "until": ("Đến hết", "Until"),
    "uploaded_at": ("Tải lên lúc", "Uploaded at"),
    "waived": ("Số tiền được miễn, giảm", "Waived"),
    "was": ("Trước khi sửa", "Before"),
    "was_due_at": ("Hạn trước đó", "Due before"),
    "withdrawal_reason": ("Lý do rút hồ sơ", "Reason of the withdrawal"),
    "withdrawn_at": ("Rút lúc", "Withdrawn at"),
    "year": ("Năm", "Year"),
}
"""What a field is called on the page; one that is not here is in the file alone."""

AMOUNTS = frozenset({"amount", "fee", "waived"})
"""Fields in đồng."""

_PAID: Mapping[str, Label] = {
    "cash": ("Tiền mặt", "Cash"),
    "transfer": ("Chuyển khoản", "Bank transfer"),
    "online": ("Trực tuyến", "Online"),
}
_REFUNDED: Mapping[str, Label] = {
    "open": ("Chờ quyết định", "Waiting for a decision"),
    "approved": ("Đã duyệt", "Approved"),
    "sending": ("Đang chuyển", "Being sent"),
    "rejected": ("Không duyệt", "Rejected"),
    "paid": ("Đã trả", "Paid"),
}
_WAIVED: Mapping[str, Label] = {
    "begun": ("Chưa gửi", "Not yet sent"),
    "asked": ("Chờ quyết định", "Waiting for a decision"),
    "granted": ("Được miễn, giảm", "Granted"),
    "refused": ("Không được miễn, giảm", "Refused"),
}
_SENT: Mapping[str, Label] = {
    "queued": ("Chờ gửi", "Queued"),
    "sending": ("Đang gửi", "Being sent"),
    "sent": ("Đã gửi", "Sent"),
    "failed": ("Không gửi được", "Failed"),
    "skipped": ("Không gửi", "Not sent"),
}
_PAPERS: Mapping[str, Label] = {
    "original": ("Bản chính", "Original"),
    "copy": ("Bản sao", "Copy"),
    "form": ("Tờ khai, biểu mẫu", "Form"),
}

VALUES: Mapping[str, Mapping[Any, Label]] = {
    "part": {str(one): (one.vi, one.en) for one in Part},
    "channel": {
        "counter": ("Trực tiếp", "At the counter"),
        "online": ("Trực tuyến", "Online"),
        "post": ("Bưu chính công ích", "By public post"),
    },
    "state": {int(one): (one.vi, one.en) for one in State},
    "status": {str(one): (one.vi, one.en) for one in Status},
    "id_kind": {str(one): (one.vi, one.en) for one in DocumentKind},
    "sex": {str(one): (one.vi, one.en) for one in Sex},
    "own_data.language": dict(LANGUAGES),
    "own_data.channels": dict(MESSAGE_CHANNELS),
    "relation": {str(one): (one.vi, one.en) for one in Relation},
    "delivery": DELIVERIES,
    "action": ACTION_LABELS,
    "papers.kind": _PAPERS,
    "papers.form": {str(one): (one.vi, one.en) for one in PaperForm},
    "payments.method": _PAID,
    "refunds.state": _REFUNDED,
    "refunds.cause": CAUSES,
    "fee_waivers.state": _WAIVED,
    "fee_waivers.seen": SEEN,
    "conversation.kind": {str(one): (one.vi, one.en) for one in ConversationKind},
    "documents.kind": {str(one): (one.vi, one.en) for one in DocumentType},
    "hand_overs.method": {str(one): one.label for one in Method},
    "hand_overs.identity": {str(one): one.label for one in IdentityCheck},
    "opened_by_others.reason": REASONS,
    "declined_filings.kind": {str(one): (one.vi, one.en) for one in DocumentType},
    "declined_filings.reason": {str(one): (one.vi, one.en) for one in DeclineReason},
    "messages.state": _SENT,
    "messages.channel": {"sms": ("SMS", "SMS")},
    "agreements.state": {
        "asked": ("Chờ trả lời", "Not yet answered"),
        "agreed": ("Đã đồng ý", "Agreed"),
        "declined": ("Không đồng ý", "Declined"),
    },
}
"""What a code means, by the field, or by section and field."""
HIDDEN_ON_PAGE = frozenset({"messages.kind", "contact.dossier", "messages.finished_at"})
"""What says nothing to people."""
PLAIN = frozenset(
    {"action", "agency_name", "amount", "at", "channel", "kind", "media_type", "method", "name", "state", "text"}
)
"""Fields that speak for themselves in a list, without their label."""
