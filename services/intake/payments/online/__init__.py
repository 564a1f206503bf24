"""Payments online and by QR code: orders, what the provider reports of them, and the citizen's pages."""
