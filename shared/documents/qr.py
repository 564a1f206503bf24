"""QR codes for papers."""

from __future__ import annotations

from io import BytesIO

import segno


def qr_svg(text: str, scale: int = 1) -> str:
    """A QR code as SVG, of medium error correction (ISO/IEC 18004).

    Args:
        text: what it says.
        scale: the width of one of its squares, in pixels.
    """
    out = BytesIO()
    segno.make(text, error="m").save(out, kind="svg", border=0, scale=scale, xmldecl=False, svgns=True)
    return out.getvalue().decode()
