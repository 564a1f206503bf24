"""Requests of people for what is kept about them (Luật 91/2025/QH15)."""
