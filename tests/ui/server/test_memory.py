"""Heaps and free memory of a process of its own: what glibc is told stays until the process ends."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
from served import chatbot_of, free_port

from index import Index
from ui.server import memory
from ui.server.serve import serve

glibc = pytest.mark.skipif(memory._glibc() is None, reason="this system's C library is not glibc")

COUNT_HEAPS = """
import ctypes, re, tempfile, threading
from pathlib import Path
from ui.server import memory
{before}
libc = ctypes.CDLL(None)
libc.malloc.restype = ctypes.c_void_p
together = threading.Barrier(6)
def work():
    together.wait()
    libc.malloc(10_000)
    together.wait()
threads = [threading.Thread(target=work) for _ in range(6)]
for thread in threads: thread.start()
for thread in threads: thread.join()
libc.fopen.restype = ctypes.c_void_p
with tempfile.NamedTemporaryFile() as file:
    stream = ctypes.c_void_p(libc.fopen(file.name.encode(), b"w"))
    libc.malloc_info(0, stream)
    libc.fclose(stream)
    print(len(re.findall("<heap nr=", Path(file.name).read_text())))
"""

FREE_BUT_KEPT = """
import ctypes, re
from pathlib import Path
from ui.server import memory
def megabytes():
    return int(re.search(r"VmRSS:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]) // 1024
libc = ctypes.CDLL(None)
libc.malloc.restype = ctypes.c_void_p
libc.free.argtypes = [ctypes.c_void_p]
def block():
    address = libc.malloc(60_000)
    ctypes.memset(address, 1, 60_000)
    return address
blocks = [block() for _ in range(2_000)]
for address in blocks[:-1]: libc.free(address)  # the last is on top, so that nothing goes back by itself
before = megabytes()
{then}
print(before - megabytes())
"""


def printed(program: str, **environment: str) -> int:
    """What a program prints, which is a number."""
    ran = subprocess.run(
        [sys.executable, "-c", program],
        cwd=Path(__file__).parents[3], env={**os.environ, **environment}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return int(ran.stdout)


@glibc
def test_threads_share_two_heaps() -> None:
    assert printed(COUNT_HEAPS.format(before="")) > memory.HEAPS  # as glibc would have it
    assert printed(COUNT_HEAPS.format(before="memory.few_heaps()")) == memory.HEAPS


@glibc
def test_a_number_of_heaps_that_was_chosen_stays() -> None:
    assert printed(COUNT_HEAPS.format(before="memory.few_heaps()"), MALLOC_ARENA_MAX="4") == 4


@glibc
def test_what_is_free_goes_back_to_the_system() -> None:
    assert printed(FREE_BUT_KEPT.format(then="")) == 0
    assert printed(FREE_BUT_KEPT.format(then="memory.give_back()")) > 100


def test_nothing_is_done_where_there_is_no_glibc(monkeypatch: pytest.MonkeyPatch) -> None:
    def none(name: str | None) -> object:
        raise AssertionError(f"the C library {name} was asked for")

    monkeypatch.setattr(memory.sys, "platform", "darwin")
    monkeypatch.setattr(memory.ctypes, "CDLL", none)
    memory.few_heaps()
    memory.give_back()


def test_another_c_library_of_linux_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory.sys, "platform", "linux")
    monkeypatch.setattr(memory.ctypes, "CDLL", lambda _: object())
    memory.few_heaps()
    memory.give_back()


def test_memory_is_given_back_after_work_only(monkeypatch: pytest.MonkeyPatch) -> None:
    worked = iter([3.0, 3.1, 3.2, 9.0])  # processor time each time that it is looked at
    given: list[float] = []
    now = 0.0

    def process_time() -> float:
        nonlocal now
        now = next(worked, 0.0)
        if not now:
            raise KeyboardInterrupt
        return now

    monkeypatch.setattr(memory.time, "process_time", process_time)
    monkeypatch.setattr(memory.time, "sleep", lambda _: None)
    monkeypatch.setattr(memory, "give_back", lambda: given.append(now))
    with pytest.raises(KeyboardInterrupt):
        memory.keep_low()
    assert given == [3.0, 9.0]


def test_a_server_keeps_its_memory_low_until_it_is_stopped(
    index: Index, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    port = free_port()
    answered: list[int] = []

    def asked_then_stopped() -> None:
        answered.append(httpx.get(f"http://127.0.0.1:{port}/readyz").status_code)
        raise KeyboardInterrupt

    monkeypatch.setattr(memory, "keep_low", asked_then_stopped)

    async def served() -> None:  # see `served.serving`
        serve(chatbot_of(index), port=port, open_browser=False)

    with ThreadPoolExecutor(1) as pool:
        pool.submit(lambda: asyncio.run(served())).result()
    assert answered == [200]
    assert capsys.readouterr().out.endswith("stopped\n")
