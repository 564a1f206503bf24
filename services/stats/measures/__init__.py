"""Measures: the numbers of a period, and the list of dossiers behind each number."""
