"""The worker process: the threads that relay, consume, retry and sweep for one service or for several."""
