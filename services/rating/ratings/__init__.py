"""Ratings: the form, and the ratings that citizens give."""
