"""Boards: the public display board."""
