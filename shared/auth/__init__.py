"""Authentication: bearer tokens (RFC 6750, RFC 7519), the principal they name, and the roles of the platform."""

from __future__ import annotations

from shared.auth.keys import KeysUnavailable
from shared.auth.principal import ROLES, Principal
from shared.auth.tokens import InvalidToken, TokenVerifier, issue_agency_token, issue_token

__all__ = [
    "ROLES",
    "InvalidToken",
    "KeysUnavailable",
    "Principal",
    "TokenVerifier",
    "issue_agency_token",
    "issue_token",
]
