"""Payments (phí, lệ phí, nghĩa vụ tài chính): filing fees and financial obligations of a dossier."""
