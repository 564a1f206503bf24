"""Administration of agencies' access to the broker: accounts, rights, queues and dead letters."""
