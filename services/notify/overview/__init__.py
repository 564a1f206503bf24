"""What staff see of messages: those of a dossier, those that failed, how providers do, and what it costs."""
