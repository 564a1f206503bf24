"""The yearly assessment of an official: drafted by the centre's leader, seen by the official, sent to the department that sent them."""
