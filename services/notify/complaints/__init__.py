"""Messages to people who have complained or given feedback."""
