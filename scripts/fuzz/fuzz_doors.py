"""The HTTP doors against schemathesis: a real server on loopback, asked what its own description allows and forbids."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]

CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"
"""That the doors never fail, and answer as they say they do."""

SLOWEST = 10.0
"""Seconds of one answer."""

# The server may be told to read any address; none outside of this machine is looked up or reached.
_SERVER = """
import ipaddress, socket, sys
look_up = socket.getaddrinfo
def local(host, *rest, **more):
    name = host.decode() if isinstance(host, bytes) else str(host or "localhost")
    try:
        known = ipaddress.ip_address(name).is_loopback
    except ValueError:
        known = name == "localhost"
    if not known:
        raise socket.gaierror(socket.EAI_NONAME, "no network here")
    return look_up(host, *rest, **more)
socket.getaddrinfo = local
from ui.__main__ import main
sys.argv = ["clippings", *sys.argv[1:]]
main()
"""


def fuzz_doors(minutes: float, found: Path) -> dict[str, Any]:
    """Let schemathesis ask for so many minutes; its report is kept in the folder `found`."""
    found.mkdir(parents=True, exist_ok=True)
    report = found.resolve() / "doors.ndjson"  # schemathesis runs in a folder of its own
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as scratch, _server(Path(scratch)) as (url, server):
        done = subprocess.run(
            [
                *(sys.executable, "-m", "schemathesis.cli", "run", f"{url}/api/openapi.json"),
                *("--url", url, "--checks", CHECKS, "--max-time", str(max(1, int(60 * minutes)))),
                *("--max-response-time", str(SLOWEST), "--request-timeout", "60", "--continue-on-failure"),
                *("--no-color", "--report", "ndjson", "--report-ndjson-path", str(report)),
                *("--suppress-health-check", "all"),
            ],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            cwd=scratch,
            errors="replace",
        )
        print(done.stdout[-6000:] + done.stderr[-2000:], file=sys.stderr, flush=True)
        peak = _peak_megabytes(server.pid)
        alive = server.poll() is None
    counts = _counts(report)
    return {
        "minutes": round((time.monotonic() - began) / 60, 1),
        "inputs": counts["requests"],
        "slowest_s": round(counts["slowest"], 2),
        "peak_mb": peak,
        "found": counts["failures"] + (not alive),
    }


def _counts(report: Path) -> dict[str, Any]:
    """Requests made, the slowest answer, and the different failures."""
    requests, slowest = 0, 0.0
    failures: Counter[str] = Counter()
    for line in report.read_text(encoding="utf-8").splitlines():
        recorder = json.loads(line).get("ScenarioFinished", {}).get("recorder") or {}
        for case in recorder.get("interactions", {}).values():
            requests += 1
            slowest = max(slowest, (case["response"] or {}).get("elapsed", 0.0))
        for checks in recorder.get("checks", {}).values():
            for check in checks:
                if check["status"] == "failure":
                    failures[f"{recorder['label']}: {check['name']}"] += 1
    for name, count in failures.most_common():
        print(f"{name}: {count}", file=sys.stderr)
    return {"requests": requests, "slowest": slowest, "failures": len(failures)}


@contextmanager
def _server(folder: Path) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """`clippings chat` over the sample articles, without a language model, on a free port."""
    index = ["--index", str(folder / "index")]
    environment = os.environ | {
        "PYTHONPATH": str(ROOT),
        "HF_HUB_OFFLINE": "1",
        **{name: str(folder / "home") for name in ("HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME")},
    }
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = ["chat", str(ROOT / "index" / "sample_articles"), "--no-llm", "--no-browser", "--port", str(port)]
    with (folder / "server.log").open("wb") as log:
        server = subprocess.Popen(
            [sys.executable, "-c", _SERVER, *index, *options], cwd=folder, env=environment, stdout=log, stderr=log
        )
        try:
            url = f"http://127.0.0.1:{port}"
            _wait_for(url, server)
            yield url, server
        finally:
            server.terminate()
            server.wait(60)
            for line in (folder / "server.log").read_text(errors="replace").splitlines():
                if "Traceback" in line or "Error" in line:
                    print(line, file=sys.stderr)


def _wait_for(url: str, server: subprocess.Popen[bytes]) -> None:
    for _ in range(600):
        if server.poll() is not None:
            raise SystemExit("the server did not start")
        try:
            urllib.request.urlopen(f"{url}/api/status", timeout=5).read()
            return
        except OSError:
            time.sleep(0.5)
    raise SystemExit("the server did not start within five minutes")


def _peak_megabytes(pid: int) -> int:
    status = Path(f"/proc/{pid}/status")
    lines = status.read_text().splitlines() if status.exists() else []
    return next((int(line.split()[1]) // 1000 for line in lines if line.startswith("VmHWM")), 0)
