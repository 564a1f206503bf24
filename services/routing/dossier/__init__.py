"""Changes one dossier in a transaction: rows, events and entries of its process control sheet, as the domain decided."""
