"""Payments: fees and financial obligations of a dossier."""
