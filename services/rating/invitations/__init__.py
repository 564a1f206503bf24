"""Invitations: one for each returned dossier, with a one-time token that gives the right to rate it."""
