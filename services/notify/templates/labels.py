"""What people call the templates and their placeholders, and sample values for trying them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from shared.runtime.clock import VIETNAM

LABELS: Mapping[str, tuple[str, str]] = {
    "filed": ("Đã gửi đến, chờ tiếp nhận", "Filed, waits to be received"),
    "application_supplement": ("Cần bổ sung để tiếp nhận, có thời hạn", "Papers needed before receipt, with an end"),
    "application_supplement.without_end": ("Cần bổ sung để tiếp nhận", "Papers needed before receipt"),
    "application_closed.withdrawn": ("Đã rút trước khi tiếp nhận", "Withdrawn before receipt"),
    "application_closed.no_supplement": ("Đóng vì không bổ sung", "Closed, papers never came"),
    "refused": ("Không tiếp nhận", "Not received"),
    "sent_back": ("Gửi trả giấy tờ qua bưu chính", "Papers sent back by post"),
    "received": ("Đã tiếp nhận, hẹn trả", "Received, with the promised time"),
    "obligation": ("Nghĩa vụ tài chính phải nộp", "Something to be paid"),
    "fee_waiver.granted": ("Được miễn, giảm phí", "Fees waived"),
    "fee_waiver.refused": ("Không được miễn, giảm phí, còn phải nộp", "Fees not waived, to be paid"),
    "fee_waiver.refused_paid": ("Không được miễn, giảm phí, đã nộp", "Fees not waived, paid already"),
    "result_ready": ("Đã có kết quả", "Result ready"),
    "supplement_requested": ("Yêu cầu bổ sung, có thời hạn", "Papers needed, with an end"),
    "supplement_requested.without_end": ("Yêu cầu bổ sung", "Papers needed"),
    "supplemented": ("Đã bổ sung đủ, hẹn lại", "Papers complete, new promised time"),
    "extended": ("Xin lỗi, hẹn lại", "Apology and new promised time"),
    "deadline_moved.result": ("Ngày hẹn trả là ngày nghỉ", "Promised day has become a day off"),
    "deadline_moved.supplement": ("Hạn bổ sung là ngày nghỉ", "Last day for papers has become a day off"),
    "stopped.withdrawn": ("Dừng theo yêu cầu rút", "Stopped, withdrawn"),
    "stopped.no_supplement": ("Dừng vì không bổ sung", "Stopped, papers never came"),
    "stopped.stopped": ("Dừng giải quyết", "Stopped"),
    "corrected": ("Kết quả được đính chính", "Result corrected"),
    "one_time_code": ("Mã nhận kết quả", "Code to collect the result"),
    "result_posted": ("Kết quả gửi qua bưu chính", "Result in the post"),
    "result_published": ("Kết quả điện tử", "Electronic result"),
    "rating_invitation": ("Mời đánh giá", "Invitation to rate"),
    "survey_invitation": ("Mời trả lời khảo sát", "Invitation to a survey"),
    "survey_invitation.reminder": ("Nhắc trả lời khảo sát", "Reminder of a survey"),
    "complaint_notice.lodged": ("Phản ánh: đã tiếp nhận", "Complaint: lodged"),
    "complaint_notice.lodged_undated": ("Phản ánh: đã tiếp nhận, chưa có hạn", "Complaint: lodged, without a day"),
    "complaint_notice.more_requested": ("Phản ánh: cần bổ sung", "Complaint: more is needed"),
    "complaint_notice.more_requested_undated": (
        "Phản ánh: cần bổ sung, không hạn",
        "Complaint: more is needed, no end",
    ),
    "complaint_notice.rejected": ("Phản ánh: không tiếp nhận", "Complaint: rejected"),
    "complaint_notice.answered": ("Phản ánh: đã trả lời", "Complaint: answered"),
    "complaint_notice.published": ("Phản ánh: đã công khai", "Complaint: published"),
    "report_published": ("Báo cáo đã phát hành", "Report published"),
    "report_published.corrected": ("Báo cáo đính chính đã phát hành", "Corrected report published"),
    "answer_waiting": ("Có trả lời của Bộ phận Một cửa", "An answer of the one-stop desk"),
    "sms_reply.filed": ("Trả lời SMS: chờ tiếp nhận", "Reply to an SMS: waits to be received"),
    "sms_reply.incomplete": (
        "Trả lời SMS: cần bổ sung để được tiếp nhận",
        "Reply to an SMS: papers needed to be received",
    ),
    "sms_reply.processing": ("Trả lời SMS: đang giải quyết", "Reply to an SMS: being worked on"),
    "sms_reply.processing_undated": (
        "Trả lời SMS: đang giải quyết, chưa có ngày hẹn",
        "Reply to an SMS: being worked on, no date",
    ),
    "sms_reply.supplement": ("Trả lời SMS: chờ bổ sung", "Reply to an SMS: waits for papers"),
    "sms_reply.payment": ("Trả lời SMS: chờ nộp tiền", "Reply to an SMS: waits for a payment"),
    "sms_reply.resolved": ("Trả lời SMS: đã có kết quả", "Reply to an SMS: result ready"),
    "sms_reply.returned": ("Trả lời SMS: đã trả kết quả", "Reply to an SMS: handed over"),
    "sms_reply.stopped": ("Trả lời SMS: đã dừng", "Reply to an SMS: stopped"),
    "sms_reply.refused": ("Trả lời SMS: không tiếp nhận", "Reply to an SMS: not received"),
    "sms_reply.closed": ("Trả lời SMS: đã đóng", "Reply to an SMS: closed"),
    "sms_reply.rating_passed_on": ("Trả lời SMS: đã ghi nhận đánh giá", "Reply to an SMS: rating taken"),
    "sms_reply.rating_not_open": (
        "Trả lời SMS: chưa trả kết quả nên chưa đánh giá được",
        "Reply to an SMS: no result yet, so no rating",
    ),
    "sms_reply.wrong": ("Trả lời SMS: sai mã", "Reply to an SMS: wrong code or secret"),
    "sms_reply.stop": ("Trả lời SMS: dừng nhận tin", "Reply to an SMS: no more SMS"),
    "sms_reply.start": ("Trả lời SMS: nhận tin lại", "Reply to an SMS: SMS again"),
    "sms_reply.complaint_empty": ("Trả lời SMS: phản ánh chưa có nội dung", "Reply to an SMS: feedback without words"),
    "sms_reply.help": ("Trả lời SMS: hướng dẫn", "Reply to an SMS: help"),
    "apology": ("Xin lỗi vì trễ hẹn", "Apology for being late"),
    "parcel_pickup": ("Bưu điện đến lấy giấy tờ", "Papers are picked up at home"),
    "parcel_lost": ("Bưu gửi thất lạc", "Parcel lost"),
    "parcel_returned": ("Bưu gửi bị chuyển hoàn", "Parcel came back"),
    "appointment_booked": ("Đã đặt lịch hẹn", "Appointment booked"),
    "appointment_reminder": ("Nhắc lịch hẹn", "Appointment reminder"),
    "appointment_moved.citizen": ("Đổi lịch hẹn theo yêu cầu", "Appointment moved by the citizen"),
    "appointment_moved.closed": ("Đổi lịch hẹn vì nơi tiếp nhận nghỉ", "Appointment moved, desk closed"),
    "appointment_cancelled.closed": ("Hủy lịch hẹn vì nơi tiếp nhận nghỉ", "Appointment cancelled, desk closed"),
}
"""Template → what people call it."""


def label_of(name: str) -> tuple[str, str]:
    """What people call a template or a kind of message."""
    if name in LABELS:
        return LABELS[name]
    return next((label for known, label in LABELS.items() if known.startswith(f"{name}.")), (name, name))


def _at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2025, 12, day, hour, minute, tzinfo=VIETNAM)


SAMPLE_VALUES: Mapping[str, object] = {
    "dossier": "000.00.14.H57-251120-0118",
    "filed_at": _at(1, 8, 15),
    "refused_at": _at(1, 10),
    "closed_at": _at(8, 17, 30),
    "received_at": _at(1, 8, 30),
    "promised_at": _at(12, 17),
    "resolved_at": _at(11, 9),
    "expires_at": _at(31, 17),
    "name": "Lệ phí trước bạ",
    "amount": 12_500_000,
    "waived": 550_000,
    "owed": 550_000,
    "token": "0123456789abcdefghjk",
    "papers": ["Hợp đồng chuyển nhượng có chứng thực", "Bản vẽ tách thửa"],
    "until": _at(8, 17, 30),
    "was_due_at": _at(12, 17),
    "due_at": _at(19, 17),
    "was_at": _at(12, 17),
    "moved_to": _at(15, 17),
    "stopped_at": _at(8, 17, 30),
    "posted_at": _at(11, 15),
    "published_at": _at(11, 9, 5),
    "code": "407519",
    "minutes": 10,
    "parcel": "EB123456789VN",
    "corrected_at": _at(16, 10),
    "number": "A012",
    "period": "tháng 11 năm 2025",
    "agency_name": "Trung tâm Phục vụ hành chính công tỉnh Cà Mau",
    "report": "0198f0a2-4a3c-7c11-8d60-0c6f2a8a2b77",
    "received": 1204,
    "resolved": 1187,
    "on_time": 1169,
    "resolved_late": 18,
    "in_progress": 233,
    "in_progress_overdue": 4,
    "slot_start": _at(2, 9),
    "about": "000.00.14.H57-251120-0118",
    "look_up": "HS",
    "rate": "DG",
    "complain": "PA",
    "complaint": "PA-H57-251203-0007",
    "stop": "TUCHOI",
    "start": "NHAN",
    "desk_name": "Trung tâm Phục vụ hành chính công phường An Xuyên",
}
"""Placeholder → a value as events bring them."""
