"""Filing: a dossier is received, numbered, and given its promised date."""
