"""Providers of postal services: one port, an adapter that speaks HTTP, and a folder for where there is no provider yet."""
