"""Validation errors field by field: dotted paths, messages in Vietnamese with the English beside them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from marshmallow import ValidationError

from shared.web.problem import FieldError

WHOLE = "_schema"  # marshmallow's name for what is wrong with an object as a whole

_PATTERNS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), vietnamese)
    for pattern, vietnamese in (
        (r"Missing data for required field\.", "Bắt buộc phải có thông tin này."),
        (r"Field may not be null\.", "Không được để trống."),
        (r"Unknown field\.", "Không có mục thông tin này."),
        (r"Invalid (?:input )?type\.", "Sai kiểu dữ liệu."),
        (r"Not a valid string\.", "Phải là một đoạn chữ."),
        (r"Not a valid (?:integer|number)\.", "Phải là một số."),
        (r"Not a valid boolean\.", "Phải là đúng hoặc sai (true/false)."),
        (r"Not a valid list\.", "Phải là một danh sách."),
        (r"Not a valid mapping type\.", "Phải là một đối tượng."),
        (r"Not a valid (?:date|datetime|time|aware datetime)\.", "Ngày giờ không hợp lệ."),
        (r"Not a valid email address\.", "Địa chỉ thư điện tử không hợp lệ."),
        (r"Not a valid UUID\.", "Mã UUID không hợp lệ."),
        (r"Not a valid URL\.", "Địa chỉ trang mạng không hợp lệ."),
        (r"String does not match expected pattern\.", "Không đúng định dạng."),
        (r"Must be one of: (.*)\.", r"Phải là một trong các giá trị: \1."),
        (r"Length must be (\d+)\.", r"Độ dài phải là \1."),
        (r"Length must be between (\d+) and (\d+)\.", r"Độ dài phải từ \1 đến \2."),
        (r"Shorter than minimum length (\d+)\.", r"Ngắn hơn độ dài tối thiểu \1."),
        (r"Longer than maximum length (\d+)\.", r"Dài hơn độ dài tối đa \1."),
        (r"Must be greater than or equal to (\S+?)\.", r"Phải lớn hơn hoặc bằng \1."),
        (r"Must be greater than (\S+?)\.", r"Phải lớn hơn \1."),
        (r"Must be less than or equal to (\S+?)\.", r"Phải nhỏ hơn hoặc bằng \1."),
        (r"Must be less than (\S+?)\.", r"Phải nhỏ hơn \1."),
        (
            r"Must be greater than or equal to (\S+) and less than or equal to (\S+?)\.",
            r"Phải từ \1 đến \2.",
        ),
    )
)


def vietnamese(message: str) -> str:
    """Translates a message of marshmallow; any other message is ours and already Vietnamese."""
    for pattern, translation in _PATTERNS:
        match = pattern.fullmatch(message)
        if match:
            return match.expand(translation)
    return message


def field_errors(messages: Any) -> list[FieldError]:
    """Flattens marshmallow's nested messages.

    Args:
        messages: a text, a list of texts, or a mapping from a field's name (or list index) to more of these.

    Returns:
        one entry per message; `field` is the dotted path, empty for the body as a whole.
    """
    return list(_flatten(messages, ""))


def errors_of(error: ValidationError) -> list[FieldError]:
    """The field errors of a failed validation."""
    return field_errors(error.messages if isinstance(error.messages, dict) else {error.field_name: error.messages})


def _flatten(messages: Any, path: str) -> Iterator[FieldError]:
    if isinstance(messages, Mapping):
        for name, inner in messages.items():
            yield from _flatten(inner, path if name == WHOLE else f"{path}.{name}" if path else str(name))
    elif isinstance(messages, list | tuple):
        for inner in messages:
            yield from _flatten(inner, path)
    else:
        text = str(messages)
        translated = vietnamese(text)
        error: FieldError = {"field": path, "message": translated}
        if translated != text:
            error["message_en"] = text
        yield error
