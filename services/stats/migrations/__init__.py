"""The versions of stats' tables."""
