"""The first tables of intake, one module for each slice."""
