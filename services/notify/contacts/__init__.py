"""Contacts: how to reach the applicant of a dossier."""
