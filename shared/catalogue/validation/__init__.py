"""Validating catalogues beyond their JSON schema: one module for each part of a procedure; `catalogue.py` runs all."""
