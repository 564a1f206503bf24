"""The HTML of an e-mail: one frame around the content, the same for all.

It has no remote picture, no script and no form, so nothing tells anybody that it was opened.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from jinja2 import Environment, PackageLoader, Template
from markupsafe import Markup

WORDS: Mapping[str, Mapping[str, str]] = {
    "vi": {
        "brand": "Một cửa",
        "tagline": "Dịch vụ hành chính công",
        "why": "Ông/bà nhận thư này vì có hồ sơ tại Bộ phận Một cửa.",
        "safety": "Cơ quan nhà nước không bao giờ hỏi mật khẩu hay mã OTP qua thư điện tử.",
        "look_up": "Tra cứu hồ sơ",
        "why_report": "Ông/bà nhận thư này vì có tên trong danh sách nhận báo cáo của cơ quan.",
        "reports": "Báo cáo đã công bố",
    },
    "en": {
        "brand": "Một cửa",
        "tagline": "Public services",
        "why": "You get this e-mail because you have a dossier at the one-stop desk.",
        "safety": "No authority ever asks for a password or a one-time code by e-mail.",
        "look_up": "Look up your dossier",
        "why_report": "You get this e-mail because you are on the list of recipients of this agency's reports.",
        "reports": "Published reports",
    },
}


def frame(subject: str, content: str, language: str, public_url: str, kind: str = "") -> str:
    """The HTML of an e-mail.

    Args:
        subject: its heading, as plain text.
        content: paragraphs as HTML, made by :mod:`services.notify.templates.domain`, which escapes all values.
        language: ``vi`` or ``en``.
        public_url: address of the platform.
        kind: of the message: who gets a report has no dossier.
    """
    return _template().render(
        subject=subject,
        content=Markup(content),
        language=language,
        public_url=public_url,
        words=WORDS[language],
        of_report=kind == "report_published",
    )


@cache
def _template() -> Template:
    loader = PackageLoader("services.notify.channels.email", "")  # not among the templates of pages
    return Environment(loader=loader, autoescape=True, trim_blocks=True, lstrip_blocks=True).get_template("frame.html")
