"""Routing: the way of a dossier through the agencies, step by step, and the legal clock that runs meanwhile."""
