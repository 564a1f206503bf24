"""Surveys (khảo sát): campaigns in the manner of SIPAS, with a drawn sample, confidential answers and a weighted result."""
