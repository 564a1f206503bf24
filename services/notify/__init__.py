"""Tells citizens how their dossier stands: composes short messages, queues them, and sends each exactly once."""
