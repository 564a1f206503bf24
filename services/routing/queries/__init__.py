"""What people are shown: work queues, steps, dossiers and control sheets. Nothing here writes."""
