"""What the five services' HTTP sides have in common: the app factory, access, commands and queries, problems, health, pages."""
