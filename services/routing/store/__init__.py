"""Tables of dossiers, steps and published procedures, and the statements on them."""
