"""QR codes for papers."""

from __future__ import annotations

from io import BytesIO

import segno


def qr_svg(text: str) -> str:
    """A QR code as SVG, of medium error correction (ISO/IEC 18004)."""
    out = BytesIO()
    segno.make(text, error="m").save(out, kind="svg", border=0, xmldecl=False, svgns=True)
    return out.getvalue().decode()
