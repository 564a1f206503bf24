"""Providers of online payments: the port, and the adapter of a payment gateway that speaks signed JSON."""
