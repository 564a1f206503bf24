"""A daemon that speaks clamd's protocol, as a process: ``python -m tests.support.clamd PORT_OR_PATH [LIMIT] [silent|garbage]``.

It finds the EICAR test text, which all scanners know, and refuses files that are longer than its limit.
"""

from __future__ import annotations

import os
import socket
import sys
import threading
import time

EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
"""Built of two parts, so that no scanner takes this source for a virus."""


def main(place: str, limit: str = "26214400", mode: str = "") -> None:
    """Serves until the process ends."""
    if place.isdigit():
        listener = socket.create_server(("127.0.0.1", int(place)))
    else:
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        listener.bind(place)
        listener.listen()
    print("ready", flush=True)
    while True:
        connection, _ = listener.accept()
        threading.Thread(target=_serve, args=(connection, int(limit), mode), daemon=True).start()


def _serve(connection: socket.socket, limit: int, mode: str) -> None:
    with connection, connection.makefile("rb") as stream:
        if mode == "silent":
            time.sleep(600)
        command = b""
        while not command.endswith(b"\0"):
            command += stream.read(1)
        if command != b"zINSTREAM\0" or mode == "garbage":
            connection.sendall(b"UNKNOWN COMMAND\0")
            return
        content = b""
        while length := int.from_bytes(stream.read(4), "big"):
            content += stream.read(length)
            if len(content) > limit:
                connection.sendall(b"INSTREAM size limit exceeded. ERROR\0")
                return
        found = EICAR in content
        connection.sendall(b"stream: Eicar-Signature FOUND\0" if found else b"stream: OK\0")


if __name__ == "__main__":
    os.umask(0o077)
    main(*sys.argv[1:])
