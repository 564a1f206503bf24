"""The first tables of routing, one module for each slice."""
