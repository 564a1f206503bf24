"""Complaints and feedback (PAKN) about the service, and what becomes of them."""
