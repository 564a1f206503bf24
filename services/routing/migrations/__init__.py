"""The migrations of routing's own database."""
