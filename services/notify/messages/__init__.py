"""Messages: one for each dossier, kind and cause; their states and the queue of messages to send."""
