"""Facts: one writer for each event type. The order in which events arrive does not matter."""
