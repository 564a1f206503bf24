"""What must hold in a catalogue beyond its JSON schema: one module for each part of a procedure, all called by `catalogue.py`."""
