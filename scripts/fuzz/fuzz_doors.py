"""The HTTP doors against schemathesis: a real server on loopback, asked what its own description allows and forbids.

A status 5xx, an answer that is not as described, or one that takes more than 10 s is a failure.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from common import serving

CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"
"""That the doors never fail, and answer as they say they do."""

SLOWEST = 10.0
"""Seconds of one answer."""

# The server may be asked to read any address; none outside of this machine is looked up or reached.
_SERVER = """
import socket
look_up = socket.getaddrinfo
def local(host, *rest, **more):
    name = host.decode() if isinstance(host, bytes) else host or "localhost"
    if name not in ("localhost", "127.0.0.1", "::1"):
        raise socket.gaierror(socket.EAI_NONAME, "no network here")
    return look_up(host, *rest, **more)
socket.getaddrinfo = local
from ui.__main__ import main
main()
"""


def fuzz_doors(_: str, minutes: float, found: Path) -> dict[str, Any]:
    """Let schemathesis ask for so many minutes; its report is kept in the folder `found`."""
    with tempfile.TemporaryDirectory() as scratch:
        with serving(Path(scratch), "--no-llm", program=("-c", _SERVER)) as (url, server):
            options = [
                *("--url", url, "--checks", CHECKS, "--max-time", str(max(1, int(60 * minutes)))),
                *("--max-response-time", str(SLOWEST), "--request-timeout", "60", "--continue-on-failure"),
                *("--no-color", "--report", "ndjson", "--report-ndjson-path", str(found / "doors.ndjson")),
                *("--suppress-health-check", "all"),
            ]
            command = [sys.executable, "-m", "schemathesis.cli", "run", f"{url}/api/openapi.json", *options]
            done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=sys.stderr, cwd=scratch)
            alive = server.poll() is None
        for line in (Path(scratch) / "server.log").read_text(errors="replace").splitlines():
            if "Traceback" in line or "Error" in line:
                print(line, file=sys.stderr)
    lines = map(json.loads, (found / "doors.ndjson").read_text(encoding="utf-8").splitlines())
    recorders = [line.get("ScenarioFinished", {}).get("recorder") or {} for line in lines]
    inputs = sum(len(recorder.get("interactions", {})) for recorder in recorders)
    return {"inputs": inputs, "found": bool(done.returncode) or not alive}
