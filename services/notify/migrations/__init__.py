"""The versions of notify's tables."""
