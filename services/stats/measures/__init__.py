"""Measures: a number and the list of dossiers behind it come from one condition."""
