"""The citizens' side of complaints: filing, look-up by code and secret, and the list of published answers."""
