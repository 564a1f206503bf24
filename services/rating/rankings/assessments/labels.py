"""What people call the states of assessments, and what was done with them."""

from __future__ import annotations

from services.rating.rankings.assessments.domain import Action, AssessmentState

STATES = {
    AssessmentState.DRAFTED: ("đang dự thảo", "drafted", "plain"),
    AssessmentState.SHOWN: ("chờ ý kiến của cán bộ", "with the official", "waiting"),
    AssessmentState.COMMENTED: ("cán bộ đã có ý kiến", "commented", "busy"),
    AssessmentState.SENT: ("đã ký, đã gửi", "signed and sent", "busy"),
    AssessmentState.ACKNOWLEDGED: ("cơ quan cử cán bộ đã nhận", "received by the department", "good"),
    AssessmentState.CANCELLED: ("không phải đánh giá", "none is due", "plain"),
}
"""Vietnamese, English, and the kind of badge."""

ACTIONS = {
    Action.OPEN: ("Mở đánh giá", "Opened"),
    Action.EDIT: ("Lưu dự thảo", "Draft kept"),
    Action.SHOW: ("Gửi cán bộ xem", "Shown to the official"),
    Action.REVISE: ("Rút về dự thảo", "Taken back to the draft"),
    Action.COMMENT: ("Cán bộ cho ý kiến", "Official's comment"),
    Action.SIGN: ("Ký, gửi cơ quan cử cán bộ", "Signed and sent to the department"),
    Action.ACKNOWLEDGE: ("Xác nhận đã nhận", "Receipt confirmed"),
    Action.CANCEL: ("Không phải đánh giá", "None is due"),
}
