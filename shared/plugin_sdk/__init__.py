"""All that an agency needs to plug in, and what the platform needs to let it: rights at the broker, the kit, private brokers."""
