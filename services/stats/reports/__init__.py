"""Reports: the numbers of an agency and a period, drawn up on schedule, signed off by a leader, published, and never changed."""
