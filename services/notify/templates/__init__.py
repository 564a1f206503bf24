"""Message templates: texts as data, checked when they are loaded."""
