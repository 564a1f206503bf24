"""Drafts of new versions of procedures: edited on a page, compared with the version in force, and published."""
