"""What people and agencies' systems ask of routing, apart from HTTP: each a plain function in one transaction."""
