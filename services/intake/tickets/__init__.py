"""Tickets: a visitor takes a number, is called to a counter and served there (lấy số thứ tự, gọi số)."""
