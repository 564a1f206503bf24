"""Apologies to citizens (form 04): drafted when a dossier becomes late, signed by a leader, kept in a register with numbers."""
