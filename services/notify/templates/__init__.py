"""Texts of messages by channel and language, checked when they are loaded (``data/templates/``), and agencies' own ones."""
