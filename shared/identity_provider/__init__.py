"""An OpenID provider for a machine of one's own: whoever sits there chooses a sample citizen. Never in production."""
