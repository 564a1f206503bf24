"""Sending a period of the archive to one subscriber, such as a service that is new and shall know what was before it."""
