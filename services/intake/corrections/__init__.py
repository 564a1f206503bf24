"""Corrections of an applicant's data (sửa thông tin người nộp): a mistyped phone or name is put right at the desk, with its reason."""
