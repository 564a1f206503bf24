"""Agencies with software of their own: registration, and the decisions that they send."""
