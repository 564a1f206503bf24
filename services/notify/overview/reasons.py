"""The platform's own reasons why a message was not sent, in the language of the page; a provider's reasons stay as it wrote them."""

from __future__ import annotations

from collections.abc import Mapping

REASONS: Mapping[str, str] = {
    "no phone number": "không có số điện thoại",
    "not a phone number": "không phải số điện thoại",
    "not a phone number of Vietnam": "không phải số điện thoại Việt Nam",
    "not a mobile number": "không phải số di động",
    "a foreign number": "số nước ngoài",
    "the citizen has stopped SMS": "người dân đã từ chối nhận SMS",
    "no e-mail address": "không có địa chỉ thư điện tử",
    "not an e-mail address": "không phải địa chỉ thư điện tử",
    "no chat user": "không có tài khoản trò chuyện",
    "no postal address": "không có địa chỉ bưu chính",
    "no provider for this channel": "kênh này chưa có nhà cung cấp",
    "no text for this channel": "kênh này không có mẫu",
    "the phone number was corrected": "số điện thoại đã được sửa",
    "the e-mail address was corrected": "địa chỉ thư điện tử đã được sửa",
    "the chat user was corrected": "tài khoản trò chuyện đã được sửa",
    "the postal address was corrected": "địa chỉ bưu chính đã được sửa",
    "another code follows": "đã cấp mã khác",
    "another invitation follows": "đã gửi lời mời khác",
    "the person was invited for another dossier": "người này đã được mời theo hồ sơ khác",
    "the appointment was changed": "lịch hẹn đã thay đổi",
    "another channel has reached the citizen": "kênh khác đã đến được người dân",
    "erased": "đã xóa theo thời hạn lưu giữ",
    "the sender's claim expired without a result": "tiến trình gửi dừng giữa chừng quá nhiều lần",
    "no link": "không có kết nối đến nhà cung cấp",
    "the provider's adapter failed": "phần mềm kết nối nhà cung cấp gặp lỗi",
    "the provider gave no answer": "nhà cung cấp không trả lời",
    "the time of the batch is over": "hết thời gian của lượt gửi",
}


def reason_label(reason: str) -> tuple[str, str]:
    """A reason in Vietnamese and English."""
    return REASONS.get(reason, reason), reason
