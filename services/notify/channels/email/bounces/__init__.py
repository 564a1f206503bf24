"""Bounces: the reports (RFC 3464) that mail servers send to the envelope sender of an e-mail that they could not deliver."""
