"""The web address at which providers report what became of deliveries."""
