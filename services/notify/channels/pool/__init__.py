"""Several providers of one channel as one: weights, fail-over, a circuit breaker and a rate limit for each."""
