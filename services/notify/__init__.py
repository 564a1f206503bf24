"""Notify: tells citizens about their dossiers. Keeps contacts, composes SMS messages, and sends each exactly once."""
