"""Facts: one writer for each event, so that the order of events does not matter."""
