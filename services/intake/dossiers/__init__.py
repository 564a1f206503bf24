"""Dossiers: states, history, the staff's view and the worklist of a desk."""
