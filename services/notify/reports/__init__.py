"""Published reports: who gets an e-mail about the reports of which agency."""
