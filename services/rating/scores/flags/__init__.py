"""Flags: ratings that look unusual wait for a person, who confirms or dismisses with a reason. None is ever deleted."""
