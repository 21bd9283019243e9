"""Faults for commands of clippings, and what must hold after each.

    Fault      what befalls a command: an error, a kill, a torn write, a power cut at one of its file operations
    Workshop   compiles the shim, keeps the worker, and makes the experiments
    Verdict    what an experiment showed; what was wrong is said in words

scripts/reliability/faults.py makes hundreds of experiments, test_faults.py a few.
"""

from __future__ import annotations

import errno
import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from hub import Hub
from works import CONTENT, State, Work, make_works

HERE = Path(__file__).parent

CLASSES = ("open", "create", "read", "write", "sync", "resize", "rename", "remove", "folder", "map")
"""The file operations that are told apart, in the order of shim.c."""

KINDS: dict[str, tuple[int, int, Sequence[str]]] = {
    "kill": (2, 0, CLASSES),
    "torn": (3, 0, ("write",)),
    "power": (4, 0, CLASSES),
    "ENOSPC": (1, errno.ENOSPC, ("create", "write", "sync", "resize", "rename", "folder")),
    "EIO": (1, errno.EIO, CLASSES),
    "EACCES": (1, errno.EACCES, ("open", "create", "rename", "remove", "folder")),
    "ENOMEM": (1, errno.ENOMEM, ("open", "create", "read", "write", "resize", "rename", "folder", "map")),
}
"""What befalls an operation: its number in shim.c, its errno, and the operations that it can befall."""

TIMED = "timed"
"""A kill after a time, wherever the command is then."""

LIST = (*KINDS, TIMED)

_THEIRS = re.compile(r"/refs/main\.\w+\.tmp$|/tmp\w+/dummy_file_(src|dst)$|/CACHEDIR\.TAG$")
"""What huggingface_hub leaves, or does not write, where it was disturbed; nothing looks at it again."""


_DERIVED = re.compile(r"^(index/(?:vectors|words))-\w+(\.(?:faiss|2\.safetensors))$")
"""Names of what is derived from a version, which carry a random part."""


@dataclass(frozen=True, slots=True)
class Fault:
    """`kind` befalls the operation numbered `at` (from 1) of its class, and with `lasting` all later ones.

    Of TIMED, `at` is in microseconds. `seed` decides what a power cut takes.
    """

    kind: str
    operation: str
    at: int
    lasting: bool
    seed: int

    def __str__(self) -> str:
        if self.kind == TIMED:
            return f"killed after {self.at} µs"
        return f"{self.kind} at {self.operation} {self.at}{' and after' if self.lasting else ''}"


@dataclass(frozen=True, slots=True)
class Run:
    """How a command ended: exit status (negative: its signal), file operations by class, and what it printed."""

    status: int
    hung: bool
    counts: dict[str, int]
    hit: bool
    output: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What an experiment showed: whether the fault came to pass, what it left, and what was wrong, in words."""

    fault: Fault
    hit: bool
    is_new: bool
    status: int
    wrong: list[str]


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a work from doing it undisturbed: state before and after, its operations, its seconds."""

    old: State
    new: State
    files: list[str]
    counts: dict[str, int]
    seconds: float


def missing() -> str | None:
    """Why faults cannot be injected here; None if they can."""
    if not sys.platform.startswith("linux"):
        return "needs Linux: file operations are made to fail by a library loaded with LD_PRELOAD"
    if shutil.which("cc") is None:
        return "needs a C compiler (cc), for the library that makes file operations fail"
    return None


class Workshop:
    """Makes experiments in a folder of its own; `works` are the commands by name."""

    def __init__(self, base: Path, worker: subprocess.Popen[str]) -> None:
        self.root = base / "root"
        self.works = {work.name: work for work in make_works(base, self.root)}
        self._output = base / "output"
        self._worker = worker
        self._known: dict[str, Known] = {}

    def known(self, name: str) -> Known:
        """What a work does when nothing befalls it."""
        if name not in self._known:
            work = self.works[name]
            self._begin(work)
            old = work.state(self.root)
            started = time.monotonic()
            run = self._do(work, _shim())
            seconds = time.monotonic() - started
            assert run.status == 0, run.output
            new = work.state(self.root)
            assert old != new, f"{name} changes nothing"
            self._known[name] = Known(old, new, self._files(), run.counts, seconds)
        return self._known[name]

    def draw(self, name: str, kind: str, dice: random.Random) -> Fault:
        """A fault that can befall a work: the class of its operation is drawn first, so that rare ones have their turn."""
        known = self.known(name)
        if kind == TIMED:
            return Fault(kind, "", dice.randrange(int(known.seconds * 1e6)), False, 0)
        operation = dice.choice([one for one in KINDS[kind][2] if known.counts[one]])
        lasting = KINDS[kind][1] != 0 and dice.random() < 0.5
        return Fault(kind, operation, dice.randint(1, known.counts[operation]), lasting, dice.getrandbits(32))

    def try_out(self, name: str, fault: Fault, planted: str | None = None) -> Verdict:
        """Have a fault befall a work, look what it left, do the work again, and look again.

        `planted` is a fault of the product, see worker.py; then the verdict must be that something is wrong.
        """
        work, known = self.works[name], self.known(name)
        self._begin(work)
        run = self._do(work, _shim_of(fault), fault.at / 1e6 if fault.kind == TIMED else None, planted)
        hit = run.hit or (fault.kind == TIMED and run.status == -signal.SIGKILL)
        wrong = [*_wrong_end(run, fault, hit)]
        left = self._look(work, known, wrong)
        if run.status == 0 and left == "old" and fault.kind != "power":
            wrong.append("it said that it was done, but what it left is the old")
        again = self._do(work, None)
        if again.status != 0:
            wrong.append(f"done again, it ended with {again.status}: {again.output.strip()}")
        elif self._look(work, known, wrong) != "new":
            wrong.append("done again, it did not make the new")
        elif self._files() != known.files:
            wrong.append(f"done again, it left {self._files()} and not {known.files}")
        return Verdict(fault, hit, left == "new", run.status, wrong)

    def _begin(self, work: Work) -> None:
        shutil.rmtree(self.root, ignore_errors=True)
        shutil.copytree(work.start, self.root)

    def _do(
        self, work: Work, fault: dict[str, int] | None, seconds: float | None = None, planted: str | None = None
    ) -> Run:
        order = {"command": work.command, "root": str(self.root), "fault": fault, "seconds": seconds} | {
            "planted": planted
        }
        assert self._worker.stdin is not None and self._worker.stdout is not None
        self._worker.stdin.write(json.dumps(order | {"output": str(self._output)}) + "\n")
        self._worker.stdin.flush()
        reported = json.loads(self._worker.stdout.readline())
        counts = dict(zip(CLASSES, reported["counts"], strict=True))
        return Run(reported["status"], reported["hung"], counts, reported["hit"] is not None, self._output.read_text())

    def _look(self, work: Work, known: Known, wrong: list[str]) -> str:
        """Whether what is there is the `old` or the `new`; what else it is goes to `wrong`."""
        try:
            state = work.state(self.root)
        except Exception as error:
            wrong.append(f"what it left cannot be read: {error!r}")
            return "neither"
        for name, one in (("new", known.new), ("old", known.old)):
            if state == one:
                return name
        wrong.append(f"what it left is neither the old nor the new: {_difference(state, known)}")
        return "neither"

    def _files(self) -> list[str]:
        """Names of the files below the root, without the random part that some have.

        An old derived file that could not be removed goes with the next change, and is not a second one here.
        """
        found = (str(path.relative_to(self.root)) for path in self.root.rglob("*") if path.is_file())
        return sorted({_DERIVED.sub(r"\1\2", name) for name in found if not _THEIRS.search(name)})


def _difference(state: State, known: Known) -> str:
    if state is None or known.old is None:
        return repr(state)[:200]
    parts = ("model", "problems", "articles", "hits", "tables")
    both = zip(parts, state, known.old, known.new, strict=True)
    return "; ".join(f"{part} {str(one)[:200]}" for part, one, old, new in both if one not in (old, new)) or "a mixture"


def _wrong_end(run: Run, fault: Fault, hit: bool) -> Iterator[str]:
    """What is wrong with how a command ended."""
    if run.hung:
        yield "it hung"
    elif "Traceback" in run.output:
        yield f"it broke: {run.output}"
    elif not hit:
        if run.status != 0:
            yield f"nothing befell it, but it ended with {run.status}: {run.output}"
    elif fault.kind in (TIMED, "kill", "torn", "power"):
        if run.status != -signal.SIGKILL:
            yield f"it was not killed, but ended with {run.status}"
    elif run.status not in (0, 3):
        yield f"it ended with {run.status}: {run.output}"
    elif run.status == 3 and not run.output.strip():
        yield "it ended with 3 and said nothing"


def _shim(
    kind: int = 0, error: int = 0, classes: int = 0, at: int = 0, lasting: bool = False, seed: int = 0
) -> dict[str, int]:
    """What the worker gives to the shim; by default it only counts."""
    return {"kind": kind, "error": error, "classes": classes, "at": at, "lasting": int(lasting), "seed": seed}


def _shim_of(fault: Fault) -> dict[str, int] | None:
    if fault.kind == TIMED:
        return None
    number, error, _ = KINDS[fault.kind]
    return _shim(number, error, 1 << CLASSES.index(fault.operation), fault.at, fault.lasting, fault.seed)


@contextmanager
def workshop(base: Path) -> Iterator[Workshop]:
    """A Workshop in an empty folder, with a worker and a model hub of its own."""
    shim = base / "shim.so"
    subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-o", str(shim), str(HERE / "shim.c"), "-ldl"], check=True)
    hub = Hub(CONTENT)
    server = hub.start()
    tests = HERE.parent
    environment = os.environ | {
        "PYTHONPATH": os.pathsep.join([str(tests.parent), str(tests / "helpers")]),
        "LD_PRELOAD": str(shim),
        "HF_ENDPOINT": hub.url,
        "HF_HOME": str(base / "root" / "hub"),
        "HF_HUB_OFFLINE": "0",
        "OMP_NUM_THREADS": "1",
    }
    command = [sys.executable, str(HERE / "worker.py")]
    try:
        with subprocess.Popen(
            command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as worker:
            try:
                yield Workshop(base, worker)
            finally:
                assert worker.stdin is not None
                worker.stdin.close()
    finally:
        server.shutdown()
        server.server_close()
