"""Delivery: claims queued messages, sends them through a provider, and records the results."""
