"""Conversations (trao đổi): what citizen, one-stop desk and handling agency ask and answer about a dossier, and calls that the desk notes.

The handling agency never writes to the citizen: it asks the desk (NĐ 118/2025, article 5.1e).
"""
