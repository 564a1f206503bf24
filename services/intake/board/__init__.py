"""Boards: the public display of calls at a one-stop desk (màn hình gọi số)."""
