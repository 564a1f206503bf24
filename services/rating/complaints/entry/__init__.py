"""Complaints that staff or a message enter for somebody: the hotline and its log, the suggestion box, SMS."""
