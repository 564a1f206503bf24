"""Delivery: takes queued messages, hands them to a provider, and records the result."""
