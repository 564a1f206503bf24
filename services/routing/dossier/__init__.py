"""Carries out, in one transaction, what the domain decided for one dossier: rows, events, and entries of its process control sheet."""
