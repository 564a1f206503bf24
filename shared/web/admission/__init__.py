"""Which requests a process takes on when more come than it can answer, and what the others are told.

A request waits for a thread in a bounded queue (`waiting_requests`), which gives the threads to kinds of requests and to fields by their
weights (`weights`, `request_kinds`). Beyond the bound, and after a time, it is refused with 503 and Retry-After (`overload`).
See docs/overload.md.
"""
