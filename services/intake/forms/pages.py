"""The style sheet of pages that are made to be printed: receipts for money, vouchers, a day's closing.

Official papers are PDF (:mod:`services.intake.documents`).
"""

from __future__ import annotations

from flask import Blueprint

pages = Blueprint("form_pages", __name__, url_prefix="/intake", static_folder="static", static_url_path="/assets/forms")
