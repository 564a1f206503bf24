"""Letters: the queue of letters to print, which is the provider of the channel `letter`, and how a letter looks."""
