"""Keys with which agencies' own software gets its access tokens (OAuth 2 client credentials): made, replaced, revoked, watched."""
