"""The public display board."""
