"""The built-in identity provider as a process of its own: ``python -m tests.support.identity_provider PORT FOLDER REDIRECT_URI SECRET``."""

from __future__ import annotations

import sys

from werkzeug.serving import make_server

from shared.identity_provider.app import create_provider
from shared.openid.settings import BUILT_IN, OpenIdSettings
from shared.runtime.settings import read_settings


def main(port: str, folder: str, redirect_uri: str, secret: str) -> None:
    """Serves the provider until the process ends."""
    address = f"http://127.0.0.1:{port}"
    settings = read_settings({"MOTCUA_MODE": "test", "MOTCUA_DATA": folder, "MOTCUA_PORT": port})
    openid = OpenIdSettings(f"{address}/{BUILT_IN}", "motcua", secret, redirect_uri)
    make_server("127.0.0.1", int(port), create_provider(settings, openid), threaded=True).serve_forever()


if __name__ == "__main__":
    main(*sys.argv[1:])
