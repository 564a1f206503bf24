"""The pages of a signed-in person: all their dossiers, and each of them as with its secret."""

from __future__ import annotations

from flask import Response, make_response, render_template
from werkzeug.exceptions import NotFound

from services.intake.co_signing.commands import waiting_consents
from services.intake.components import components
from services.intake.lookup.opened import MAX_TEXT, open_own
from services.intake.lookup.pages import filed_page
from services.intake.mine.queries import find_own, own_dossiers
from services.intake.online import store as drafts
from services.intake.online.rules import draft_rules
from services.intake.problems import domain_errors_as_problems
from services.intake.sign_in.session import citizen
from shared.web.authorization import roles
from shared.web.pages import page_blueprint
from shared.web.views import context

pages = page_blueprint("intake", __name__, "mine_pages")


@pages.get("/mine")
@roles("citizen", agency="record")
@domain_errors_as_problems()
def mine() -> str:
    """What waits for the person, their drafts, and all that they have filed or act in."""
    me, here = citizen(), context()
    now = here.clock.now()
    with here.store.read() as connection:
        own = own_dossiers(connection, me, components().catalogue, here.reference, now)
        begun = [one for one in drafts.of_owner(connection, me.subject) if not one.submitted_at]
        names = {
            code: found[1].name
            for code in {draft.procedure for draft in begun}
            if (found := components().catalogue.current(connection, code, now.date()))
        }
        asked = waiting_consents(connection, components().catalogue, me, here.clock)
    return render_template(
        "intake/mine.html",
        citizen=me,
        asked=asked,
        waiting=[one for one in own if one.to_do],
        under_way=[one for one in own if not one.to_do and not one.over],
        over=[one for one in own if not one.to_do and one.over],
        drafts=begun,
        names=names,
        days=draft_rules(now.date()).kept_days,
    )


@pages.get("/mine/<code>")
@roles("citizen", agency="record")
@domain_errors_as_problems()
def own(code: str) -> Response:
    """How one of the person's dossiers stands, and what they can do, without its secret."""
    me = citizen()
    with context().store.read() as connection:
        found = find_own(connection, me, code[:MAX_TEXT])
        if found is None:
            raise NotFound
        response = make_response(filed_page(connection, *found))
    open_own(response, found[0].code)
    return response
