"""Channels: how messages leave. One provider port, the providers behind it, and how an SMS is cut into segments."""
