"""The versions of rating's tables."""
