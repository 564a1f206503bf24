"""Opening a dossier that is not one's own to work on: only with a reason, which is kept and reported to leaders."""
