"""Parts of long SMS that the network reports one by one: a delivery has arrived once all of its parts have."""
