"""How long personal data of dossiers that are over are kept, and their erasure."""
