"""Telephone numbers as people write them; the one parser of all services."""

from shared.phones.parser import NotAPhone, Phone, PhoneKind, is_mobile, parse_phone

__all__ = ["NotAPhone", "Phone", "PhoneKind", "is_mobile", "parse_phone"]
