"""Refunds (hoàn trả): money that settles nothing, and fees paid back by a leader's decision."""
