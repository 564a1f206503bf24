"""The types of problems that every service can have, with their titles in Vietnamese and English."""

from __future__ import annotations

CONTENT_TYPE = "application/problem+json"
TYPE_PREFIX = "urn:motcua:problem:"

TITLES: dict[str, tuple[str, str]] = {
    "bad-request": ("Yêu cầu không hợp lệ", "The request is not valid"),
    "malformed-json": ("Nội dung gửi lên không phải là JSON hợp lệ", "The body is not valid JSON"),
    "invalid-key": ("Khóa chống trùng (Idempotency-Key) không hợp lệ", "The Idempotency-Key is not valid"),
    "unauthenticated": ("Cần đăng nhập để thực hiện việc này", "A valid access token is needed"),
    "forbidden": ("Vai trò của ông/bà không được phép thực hiện việc này", "Your role may not do this"),
    "wrong-agency": ("Việc này thuộc thẩm quyền của cơ quan khác", "This belongs to another agency"),
    "not-yours": ("Hồ sơ này không phải của ông/bà", "This is not yours"),
    "not-found": ("Không tìm thấy", "Not found"),
    "method-not-allowed": ("Không hỗ trợ phương thức này", "The method is not allowed here"),
    "not-acceptable": ("Không có định dạng được yêu cầu", "None of the accepted formats is available"),
    "conflict": ("Dữ liệu trùng với dữ liệu đã có", "This conflicts with what is already there"),
    "misdirected": ("Địa chỉ truy cập không thuộc hệ thống này", "This address does not belong to this platform"),
    "request-timeout": ("Yêu cầu gửi đến quá chậm", "The request arrived too slowly"),
    "uri-too-long": ("Địa chỉ yêu cầu quá dài", "The address of the request is too long"),
    "headers-too-large": ("Phần đầu của yêu cầu quá dài", "The header of the request is too long"),
    "expectation-failed": ("Không đáp ứng được yêu cầu Expect", "The expectation cannot be met"),
    "not-implemented": ("Không hỗ trợ cách truyền dữ liệu này", "The transfer coding is not supported"),
    "too-large": ("Nội dung gửi lên quá lớn", "The body is too large"),
    "unsupported-media-type": ("Định dạng nội dung không được hỗ trợ", "The media type is not supported"),
    "invalid": ("Thông tin chưa hợp lệ, vui lòng kiểm tra lại", "Some of the information is not valid"),
    "key-reused": (
        "Khóa chống trùng (Idempotency-Key) đã dùng cho một yêu cầu khác",
        "The Idempotency-Key was used for another request",
    ),
    "too-many-requests": ("Quá nhiều yêu cầu, vui lòng thử lại sau", "Too many requests, please try again later"),
    "unexpected": ("Hệ thống gặp lỗi ngoài dự kiến", "Something unexpected went wrong"),
    "unavailable": ("Hệ thống đang bận, vui lòng thử lại sau ít phút", "The system is busy, please try again shortly"),
}
"""Titles of the problems that every service can have; a service titles its own problems itself."""

SLUGS = {
    400: "bad-request",
    401: "unauthenticated",
    403: "forbidden",
    404: "not-found",
    405: "method-not-allowed",
    406: "not-acceptable",
    408: "request-timeout",
    409: "conflict",
    413: "too-large",
    414: "uri-too-long",
    415: "unsupported-media-type",
    417: "expectation-failed",
    421: "misdirected",
    422: "invalid",
    429: "too-many-requests",
    431: "headers-too-large",
    500: "unexpected",
    501: "not-implemented",
    503: "unavailable",
}
"""The type of the problem that a status stands for when nothing more is known."""
