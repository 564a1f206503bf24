"""Routing: the route of a dossier through the agencies, step by step, and its legal clock."""
