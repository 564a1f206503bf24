"""The versions of the intake tables."""
