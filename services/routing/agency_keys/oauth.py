"""The token route of agencies' own software: OAuth 2, client credentials (RFC 6749, section 4.4)."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, request

from services.routing.agency_keys.client_authentication import Client, RefusedRequest, client_of, unknown_client
from services.routing.agency_keys.commands import Token, token_for
from services.routing.agency_keys.domain import KeyOver, KeyState, WrongClient
from services.routing.agency_keys.throttle import count_wrong_secret
from shared.messaging.sender_identity import agency_name, sender_by_user
from shared.persistence.wrong_tries import TooManyTries
from shared.runtime.settings import AuthSettings
from shared.web.admission.request_kinds import vital
from shared.web.authorization import public
from shared.web.client_address import client_address
from shared.web.problem import Problem
from shared.web.views import context

CHALLENGE = 'Basic realm="motcua", charset="UTF-8"'

oauth = Blueprint("oauth", __name__, url_prefix="/routing/oauth")


@oauth.post("/token")
@vital
@public
def token() -> Response:
    """An access token for the secret of a key, or why there is none."""
    try:
        _check_issued_here(context().settings.auth)
        return _granted(_token(_client()))
    except RefusedRequest as error:
        return _refused(error)


def _client() -> Client:
    """The client that the request names.

    Raises:
        RefusedRequest: it names none, or breaks the rules for such requests.
    """
    try:
        return client_of(request.mimetype, request.form, request.args, request.headers.get("Authorization", ""))
    except Problem as problem:  # a text that cannot be printed, or another character set
        raise RefusedRequest("invalid_request", "Nội dung không đọc được.", "The body cannot be read.") from problem


def _token(client: Client) -> Token:
    """The token of a client.

    Raises:
        RefusedRequest: its secret is wrong, or that of a key that is over.
    """
    agency = _agency_of(client.name)
    try:
        return token_for(context(), agency, client.secret)
    except WrongClient as error:
        raise _wrong_secret(agency) from error
    except KeyOver as error:
        raise _key_over(error) from error


def _agency_of(name: str) -> str:
    """The agency of a client's name, which is that of its user at the broker; empty if it cannot be one."""
    code = sender_by_user(name)
    try:
        agency_name(code)
    except ValueError:
        return ""
    return code


def _wrong_secret(agency: str) -> RefusedRequest:
    """Counts the try; above the limit it is not said whether the secret is wrong."""
    try:
        count_wrong_secret(context(), agency, client_address())
    except TooManyTries as error:
        return RefusedRequest(
            "temporarily_unavailable",
            f"Quá nhiều lần sai khóa. Thử lại sau {error.seconds} giây.",
            f"There were too many wrong secrets. Try again in {error.seconds} s.",
            429,
            error.seconds,
        )
    return unknown_client("Sai tên hoặc khóa của phần mềm.", "The name or the secret of the client is wrong.")


def _key_over(error: KeyOver) -> RefusedRequest:
    day = f"{error.at:%H:%M %d/%m/%Y}"
    if error.state == KeyState.REVOKED:
        return unknown_client(
            f"Khóa đã bị thu hồi lúc {day}. Đề nghị cơ quan vận hành cấp khóa mới.",
            f"The key was revoked at {day}. Ask the platform's operators for a new one.",
        )
    return unknown_client(
        f"Khóa đã hết hạn lúc {day}. Đề nghị cơ quan vận hành cấp khóa mới.",
        f"The key expired at {day}. Ask the platform's operators for a new one.",
    )


def _check_issued_here(auth: AuthSettings) -> None:
    """Checks that this process can issue tokens of agencies' programs.

    Raises:
        RefusedRequest: it cannot.
    """
    if not auth.agencies_have_keys:
        raise RefusedRequest(
            "unsupported_grant_type",
            "Hệ thống này nhận mã truy cập của nhà cung cấp định danh; hãy lấy mã ở đó.",
            "This platform accepts tokens of an identity provider: get the token there, not here.",
        )
    if not auth.signs_for_agencies:
        raise RefusedRequest(
            "temporarily_unavailable",
            "Hệ thống chưa được cài khóa ký. Đề nghị báo đơn vị vận hành.",
            "MOTCUA_AGENCY_SIGNING_KEY is not set here: tell the platform's operators.",
            503,
            60,
        )


def _granted(token: Token) -> Response:
    return _uncached(
        jsonify(
            access_token=token.text,
            token_type="Bearer",
            expires_in=token.seconds,
            key_expires_at=token.key_expires_at.isoformat(timespec="seconds"),
        )
    )


def _refused(error: RefusedRequest) -> Response:
    response = _uncached(jsonify(error=error.error, error_description=error.en, message_vi=error.vi))
    response.status_code = error.status
    if error.status == 401:
        response.headers["WWW-Authenticate"] = CHALLENGE
    if error.retry_after:
        response.headers["Retry-After"] = str(error.retry_after)
    return response


def _uncached(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    response.headers["Pragma"] = "no-cache"
    return response
