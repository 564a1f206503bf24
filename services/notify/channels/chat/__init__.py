"""Chat: template messages of an official account, sent through the HTTP API of a chat service."""
