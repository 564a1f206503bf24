"""What a process runs on: settings, clock, context, reference data, workers."""
