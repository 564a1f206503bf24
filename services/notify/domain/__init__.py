"""The rules of messages, pure: phone numbers, texts and their segments, templates, and the life of a message."""
