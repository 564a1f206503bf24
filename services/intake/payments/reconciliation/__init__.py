"""Reconciliation (đối soát): the provider's statement of a day against what is recorded here."""
