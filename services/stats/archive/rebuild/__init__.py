"""Making what stats knows from the archive again, beside what it knows now; comparing both, and putting one in the place of the other."""
