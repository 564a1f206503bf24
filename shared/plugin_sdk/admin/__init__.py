"""Administration of agencies' access to the broker: grants, queues, dead letters."""
