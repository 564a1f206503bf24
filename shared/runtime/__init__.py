"""What every process needs: settings, clock, context, reference data, workers."""
