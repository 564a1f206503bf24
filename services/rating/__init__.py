"""Rating: asks citizens how their dossier was handled. One invitation for each returned dossier, one rating for each invitation."""
