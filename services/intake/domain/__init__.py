"""The rules of the front door, pure: states, codes, applicants, filing and the look-up secret."""
