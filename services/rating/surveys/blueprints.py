"""All pages of surveys."""

from __future__ import annotations

from services.rating.surveys import answer_pages, paper_pages, question_pages, result_pages, staff_pages

SURVEY_PAGES = (
    staff_pages.pages,
    question_pages.pages,
    paper_pages.pages,
    answer_pages.pages,
    result_pages.pages,
)
