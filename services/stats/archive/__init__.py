"""The archive of events: everything that was published, in the order in which it arrived, for ever; see docs/archive.md."""
