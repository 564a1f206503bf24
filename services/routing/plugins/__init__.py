"""Agencies with their own software: registration, and the decisions that they send."""
