"""Supplements: papers asked for on the way, and handed in at the desk."""
