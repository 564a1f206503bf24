"""A fake of intake's papers API, for a developer's machine."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import unquote

PAPERS = (
    {"code": "application", "name": "Đơn đăng ký biến động (Mẫu số 18)", "kind": "form", "copies": 1},
    {"code": "contract", "name": "Hợp đồng chuyển nhượng đã công chứng", "kind": "original", "copies": 1},
    {"code": "certificate", "name": "Giấy chứng nhận quyền sử dụng đất đã cấp", "kind": "original", "copies": 1},
)
_PATH = re.compile(r"/intake/api/agency/steps/([^/]+)/papers")


@contextmanager
def fake_intake(token: str) -> Iterator[str]:
    """Serves the same papers for every step while the block runs.

    Args:
        token: the bearer token that it requires.

    Yields:
        its URL, for ``MOTCUA_URL``.
    """

    class Handler(BaseHTTPRequestHandler):
        timeout = 10

        def do_GET(self) -> None:
            found = _PATH.fullmatch(self.path)
            if self.headers.get("Authorization") != f"Bearer {token}":
                self._answer(401, {"title": "Unauthorized"})
            elif found is None:
                self._answer(404, {"title": "Not Found"})
            else:
                self._answer(200, {"dossier": f"of task {unquote(found[1])}", "papers": PAPERS})

        def _answer(self, status: int, content: object) -> None:
            body = json.dumps(content, ensure_ascii=False).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json" if status == 200 else "application/problem+json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Logs nothing: the developer wants to see the output of their own program."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    Thread(target=server.serve_forever, kwargs={"poll_interval": 0.1}, name="fake-intake", daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
