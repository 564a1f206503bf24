"""Messages: one for each dossier, kind and cause; their states and their queue."""
