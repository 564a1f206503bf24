"""Load by wrk, which needs little processor time: POSTs over several connections, each with an idempotency key of its own."""

from __future__ import annotations

import json
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

SCRIPT = """
local bodies = {%(bodies)s}
local tokens = {%(tokens)s}
local count = 0
local thread = 0
function setup(t) t:set("id", thread); thread = thread + 1 end
function request()
  count = count + 1
  local n = (count %% #bodies) + 1
  wrk.headers["Content-Type"] = "application/json"
  wrk.headers["Authorization"] = "Bearer " .. tokens[n]
  wrk.headers["Idempotency-Key"] = string.format("%(run)s-%%d-%%d", id, count)
  return wrk.format("POST", "%(path)s", nil, bodies[n])
end
local bad = 0
function response(status) if status ~= 201 then bad = bad + 1; if bad < 3 then print("status " .. status) end end end
"""


@dataclass(frozen=True)
class Load:
    """The result of wrk.

    Attributes:
        per_second: requests answered each second.
        refused: answers other than 2xx and 3xx, and broken sockets.
    """

    per_second: float
    refused: int


def post(
    address: str,
    path: str,
    bodies: list[dict[str, object]],
    tokens: list[str],
    directory: Path,
    run: str,
    seconds: int = 8,
    connections: int = 16,
) -> Load:
    """POSTs the bodies in turn, each with the token at the same index.

    Raises:
        FileNotFoundError: wrk is not installed (Debian: apt-get install wrk).
    """
    script = directory / f"{run}.lua"
    quoted = ",".join("[==[" + json.dumps(body, ensure_ascii=False) + "]==]" for body in bodies)
    script.write_text(
        SCRIPT % {"bodies": quoted, "tokens": ",".join(f'"{token}"' for token in tokens), "run": run, "path": path}
    )
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "10s", "-s", str(script), address]
    output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    rate = re.search(r"Requests/sec:\s+([\d.]+)", output)
    refused = re.search(r"Non-2xx or 3xx responses: (\d+)", output)
    sockets = re.search(r"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)", output)
    assert rate, output
    broken = sum(map(int, sockets.groups())) if sockets else 0
    return Load(float(rate.group(1)), (int(refused.group(1)) if refused else 0) + broken)
