"""The web app of the built-in provider: metadata, keys, the page to choose a sample citizen, tokens and user information."""

from __future__ import annotations

import base64
import hmac
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote_plus, urlencode

from flask import Blueprint, Flask, Response, jsonify, make_response, redirect, render_template, request

from shared.auth import TokenVerifier
from shared.identity_provider.citizens import sample_citizens
from shared.identity_provider.tokens import BadGrant, Tokens
from shared.openid.settings import BUILT_IN, OpenIdSettings
from shared.runtime.generated_keys import generated_file
from shared.runtime.settings import Settings
from shared.runtime.signing_key import new_signing_key, read_signing_key
from shared.web.authorization import public
from shared.web.factory import bare_app, complete_app
from shared.web.form_redirect import may_end_at
from shared.web.own_host import own_browser
from shared.web.problem import Problem


def create_provider(settings: Settings, openid: OpenIdSettings) -> Flask:
    """The provider, below ``/identity-provider``.

    Args:
        settings: of the platform, not in production.
        openid: the only client, and the provider's own address.

    Raises:
        ValueError: in production, where nobody may choose who they are.
    """
    if settings.mode == "production":
        raise ValueError("the built-in provider lets anybody be anybody, so production must not run it")
    key = read_signing_key(str(generated_file(settings.data / "identity_provider.key", new_signing_key)))
    app = bare_app(BUILT_IN, settings, f"/{BUILT_IN}/static")
    tokens = Tokens(openid.issuer, openid.client_id, key)
    app.register_blueprint(_pages(settings, openid, tokens))
    app.register_blueprint(_endpoints(openid, tokens, key.jwk))
    complete_app(app, settings, TokenVerifier(settings.auth, settings.clock.wall), lambda *_: None)
    return app


def _pages(settings: Settings, openid: OpenIdSettings, tokens: Tokens) -> Blueprint:
    """The page on which a person says who they are."""
    pages = Blueprint("pages", __name__, url_prefix=f"/{BUILT_IN}", template_folder="templates")

    @pages.get("/authorize")
    @public
    def choose() -> Response:
        """The sample citizens to choose from."""
        _check_browser(settings)
        asked = _asked(openid, request.args)
        page = render_template("identity_provider/choose.html", citizens=sample_citizens().values(), asked=asked)
        return may_end_at(make_response(page), asked["redirect_uri"])

    @pages.post("/authorize")
    @public
    def authorize() -> Response:
        """Sends the browser back with a code, or without one if the person does not want to sign in."""
        _check_browser(settings)
        asked = _asked(openid, request.form)
        citizen = sample_citizens().get(request.form.get("citizen", ""))
        answer = {"state": asked["state"], "iss": openid.issuer}
        if citizen is None:
            answer["error"] = "access_denied"
        else:
            answer["code"] = tokens.code(citizen, asked["redirect_uri"], asked["code_challenge"], asked["nonce"])
        return make_response(redirect(f"{asked['redirect_uri']}?{urlencode(answer)}", 303))

    return pages


def _endpoints(openid: OpenIdSettings, tokens: Tokens, jwk: Mapping[str, Any]) -> Blueprint:
    """What the client's programs ask."""
    endpoints = Blueprint("endpoints", __name__, url_prefix=f"/{BUILT_IN}")

    @endpoints.get("/.well-known/openid-configuration")
    @public
    def metadata() -> Response:
        """OpenID Connect Discovery 1.0, section 3."""
        return jsonify(
            issuer=openid.issuer,
            authorization_endpoint=f"{openid.issuer}/authorize",
            token_endpoint=f"{openid.issuer}/token",
            userinfo_endpoint=f"{openid.issuer}/userinfo",
            jwks_uri=f"{openid.issuer}/jwks",
            response_types_supported=["code"],
            subject_types_supported=["public"],
            id_token_signing_alg_values_supported=["ES256"],
            code_challenge_methods_supported=["S256"],
            token_endpoint_auth_methods_supported=["client_secret_basic"],
            authorization_response_iss_parameter_supported=True,
        )

    @endpoints.get("/jwks")
    @public
    def keys() -> Response:
        """The key that checks the tokens."""
        return jsonify(keys=[jwk])

    @endpoints.post("/token")
    @public
    def token() -> Response:
        """Exchanges a code for tokens (RFC 6749, section 4.1.3)."""
        if not _is_client(openid):
            return _refusal("invalid_client", 401)
        if request.form.get("grant_type") != "authorization_code":
            return _refusal("unsupported_grant_type", 400)
        given = [request.form.get(name, "") for name in ("code", "redirect_uri", "code_verifier")]
        try:
            subject, nonce = tokens.redeem(*given)
        except BadGrant:
            return _refusal("invalid_grant", 400)
        citizen = sample_citizens()[subject]
        return jsonify(
            token_type="Bearer",
            expires_in=300,
            id_token=tokens.identity_token(citizen, nonce),
            access_token=tokens.access_token(citizen),
        )

    @endpoints.get("/userinfo")
    @public
    def user_information() -> Response:
        """The claims about the person of an access token."""
        scheme, _, given = request.headers.get("Authorization", "").partition(" ")
        found = tokens.read("userinfo", given) if scheme == "Bearer" else None
        if found is None:
            return _refusal("invalid_token", 401)
        return jsonify(sub=found["sub"], **sample_citizens()[found["sub"]].claims())

    return endpoints


def _check_browser(settings: Settings) -> None:
    """Lets browsers of this machine in, and no other.

    Raises:
        Problem: 403.
    """
    if not own_browser(request, settings.host):
        raise Problem(403, "not-this-machine", "Chỉ dùng được trên máy đang chạy hệ thống", "Only at this very machine")


def _asked(openid: OpenIdSettings, given: Mapping[str, str]) -> dict[str, str]:
    """The parameters of a request. One with a wrong client or address is never answered by a redirect (RFC 6749, section 4.1.2.1).

    Raises:
        Problem: 400, it is not a request of the client that this provider knows.
    """
    names = ("client_id", "redirect_uri", "response_type", "scope", "state", "nonce", "code_challenge")
    asked = {name: given.get(name, "") for name in (*names, "code_challenge_method")}
    known = asked["client_id"] == openid.client_id and asked["redirect_uri"] == openid.redirect_uri
    proper = asked["response_type"] == "code" and "openid" in asked["scope"].split() and asked["state"]
    if not (known and proper and asked["code_challenge"] and asked["code_challenge_method"] == "S256"):
        raise Problem(400, "bad-request")
    return asked


def _is_client(openid: OpenIdSettings) -> bool:
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    try:
        pair = base64.b64decode(given, validate=True).decode() if scheme == "Basic" else ""
    except ValueError:
        return False
    name, _, secret = pair.partition(":")
    known = unquote_plus(name) == openid.client_id
    return hmac.compare_digest(unquote_plus(secret).encode(), openid.client_secret.encode()) and known


def _refusal(error: str, status: int) -> Response:
    response = jsonify(error=error)
    response.status_code = status
    return response
