"""Read models: work queues, steps, dossiers and control sheets. Nothing here writes."""
