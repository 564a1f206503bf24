"""Stats: read models of dossiers, steps, payments, messages and ratings, without personal data; their numbers and the public board."""
