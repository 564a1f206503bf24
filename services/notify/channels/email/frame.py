"""The HTML of an e-mail: one frame around the text, the same for all.

It has no remote picture, no script and no form, so nothing tells anybody that it was opened. Only addresses of the platform become
links: an official e-mail never links to a place that an agency's remark names.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

from jinja2 import Environment, PackageLoader, Template
from markupsafe import Markup, escape

_URL = re.compile(r"https?://[^\s<>\"']+")
_AFTER = ".,;:!?)"
"""What ends a sentence and not an address."""
WORDS: Mapping[str, Mapping[str, str]] = {
    "vi": {
        "brand": "Một cửa",
        "tagline": "Dịch vụ hành chính công",
        "why": "Ông/bà nhận thư này vì có hồ sơ tại Bộ phận Một cửa. Thư được gửi tự động.",
        "safety": "Cơ quan nhà nước không bao giờ hỏi mật khẩu hay mã OTP qua thư điện tử.",
        "look_up": "Tra cứu hồ sơ",
    },
    "en": {
        "brand": "Một cửa",
        "tagline": "Public services",
        "why": "You get this e-mail because you have a dossier at the one-stop desk. It was sent automatically.",
        "safety": "No authority ever asks for a password or one-time code by e-mail.",
        "look_up": "Look up your dossier",
    },
}


def frame(subject: str, text: str, language: str, agency_name: str, public_url: str) -> str:
    """The HTML of an e-mail.

    Args:
        subject: its heading.
        text: paragraphs, with empty lines between them.
        language: ``vi`` or ``en``.
        agency_name: whose act it tells; may be empty.
        public_url: address of the platform.
    """
    paragraphs = [_paragraph(part, public_url) for part in re.split(r"\n\s*\n", text.strip())]
    words = WORDS.get(language, WORDS["vi"])
    return _template().render(
        subject=subject,
        paragraphs=paragraphs,
        language=language,
        agency_name=agency_name,
        public_url=public_url,
        words=words,
    )


@cache
def _template() -> Template:
    loader = PackageLoader("services.notify.channels.email")
    return Environment(loader=loader, autoescape=True, trim_blocks=True, lstrip_blocks=True).get_template("frame.html")


def _paragraph(text: str, public_url: str) -> Markup:
    made, end = Markup(""), 0
    for found in _URL.finditer(text):
        address = found[0].rstrip(_AFTER)
        if address != public_url and not address.startswith(f"{public_url}/"):
            continue
        made += escape(text[end : found.start()]) + Markup('<a href="{0}">{0}</a>').format(address)
        end = found.start() + len(address)
    made += escape(text[end:])
    return Markup(made.strip().replace("\n", Markup("<br>\n")))
