"""The worker process: threads that relay, consume, retry and sweep, for one service or several."""
