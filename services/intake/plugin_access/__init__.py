"""What agencies' own software and the national portal may read of a dossier."""
