"""Asks citizens how they were served: one invitation for each returned dossier, one rating for each invitation."""
