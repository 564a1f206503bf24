"""Ratings: the form, one-time tokens, and what citizens said."""
