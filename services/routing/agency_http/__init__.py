"""Agencies' own software over HTTPS, for those that cannot reach the broker: webhooks, events that they fetch, decisions that they post."""
