"""Rankings of officials, counters and agencies as issued papers, and the yearly assessment of each official."""
