"""Forms whose answer sends the browser to another origin."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Response

from shared.web.request_hooks import PAGE_POLICY


def may_end_at(response: Response, address: str) -> Response:
    """Lets the page's form end at an address: browsers apply the policy of forms to redirects too.

    Args:
        response: the page with the form.
        address: where the answer to the form redirects to.
    """
    parts = urlsplit(address)
    policy = PAGE_POLICY.replace("form-action 'self'", f"form-action 'self' {parts.scheme}://{parts.netloc}")
    response.headers["Content-Security-Policy"] = policy
    return response
