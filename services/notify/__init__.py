"""Notify: tells citizens about their dossiers. Keeps contacts, composes messages, and sends each once by the channel that works."""
