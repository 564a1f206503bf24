"""Citizens' sign-in by the national-id provider, and their sessions."""
