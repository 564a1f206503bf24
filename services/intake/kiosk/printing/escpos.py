"""The dots of a slip as ESC/POS, the command language of thermal printers (Epson, *ESC/POS Command Reference*).

The slip is sent as a picture. Code pages with Vietnamese letters differ between makers and are missing in many printers; dots are the
same on all of them.
"""

from __future__ import annotations

from io import BytesIO

DOTS_PER_INCH = 203.2
"""8 dots a millimetre: the resolution of nearly all printers of 80 mm."""
WIDTH = 576
"""Dots that a printer of 80 mm paper prints side by side: 72 mm."""
DARK = 160
"""A dot is printed where the picture is darker than this grey, 0 to 255."""
BAND = 128
"""Lines of one command; small printers have no room for a whole slip."""

PAPER_STATUS_NOW = b"\x10\x04\x04"
"""DLE EOT 4: asks at once whether there is paper; answered also while the printer is off line."""
PAPER_STATUS_THEN = b"\x1dr\x01"
"""GS r 1: asks the same behind the job; its answer tells that the job was worked off."""
_RESET = b"\x1b@"
_RASTER = b"\x1dv0\x00"
_CUT = b"\x1dVB\x03"


def print_job(picture: bytes) -> bytes:
    """The commands that print a picture and cut the paper.

    Args:
        picture: PNG, :data:`WIDTH` dots wide; more is cut off.
    """
    # Imported when something is printed: most processes never do.
    from PIL import Image

    with Image.open(BytesIO(picture)) as opened:
        grey = opened.convert("L")
    grey = grey.crop((0, 0, WIDTH, grey.height))
    dots = grey.point([255 if level < DARK else 0 for level in range(256)], mode="1")
    commands = [_RESET]
    for top in range(0, dots.height, BAND):
        band = dots.crop((0, top, WIDTH, min(top + BAND, dots.height)))
        size = (WIDTH // 8).to_bytes(2, "little") + band.height.to_bytes(2, "little")
        commands.append(_RASTER + size + band.tobytes())
    return b"".join([*commands, _CUT])


def is_status(answer: int) -> bool:
    """Whether a byte is an answer to :data:`PAPER_STATUS_NOW`: some of its bits are fixed."""
    return answer & 0x93 == 0x12


def is_out_of_paper(answer: int) -> bool:
    """Whether an answer to :data:`PAPER_STATUS_NOW` says that the paper has run out."""
    return bool(answer & 0x60)
