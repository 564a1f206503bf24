"""Counts what happened: read models of dossiers, steps, payments, messages and ratings, without personal data."""
