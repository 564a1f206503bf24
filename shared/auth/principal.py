"""The caller of a request, as the token names them."""

from __future__ import annotations

from dataclasses import dataclass

ROLES = ("citizen", "clerk", "officer", "leader", "agency", "device", "provider", "operator", "auditor")
"""Every role of the platform: citizen (người dân), clerk (cán bộ Một cửa), officer (chuyên viên), leader (lãnh đạo), agency (an
agency's own system), device (rating tablet, kiosk, board), provider (SMS, post, payment), operator (who runs the platform), auditor
(cán bộ kiểm tra: looks up who has read what, and reads no dossier)."""


@dataclass(frozen=True, slots=True)
class Principal:
    """The caller of a request.

    Attributes:
        subject: the issuer's identifier of the person or machine; never a name.
        roles: from :data:`ROLES`; other roles in a token are dropped.
        agency: the code of the agency that the principal acts for; empty for citizens, providers and operators.
    """

    subject: str
    roles: frozenset[str]
    agency: str = ""

    def has(self, *roles: str) -> bool:
        """Whether the principal has at least one of these roles."""
        return not self.roles.isdisjoint(roles)
