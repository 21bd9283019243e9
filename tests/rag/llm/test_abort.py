"""What is to be stopped is told once, and only while it lasts. llama.cpp's part is in test_generation."""

from __future__ import annotations

import threading

from rag.llm.abort import when_set


def watchers() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "clippings-stop"]


def test_a_stop_acts_once_in_another_thread() -> None:
    stop, acted = threading.Event(), threading.Event()
    names: list[str] = []

    def act() -> None:
        names.append(threading.current_thread().name)
        acted.set()

    with when_set(stop, act):
        assert names == []
        stop.set()
        assert acted.wait(60)
        for watcher in watchers():
            watcher.join(timeout=60)
    assert names == ["clippings-stop"]


def test_after_the_end_a_stop_does_nothing() -> None:
    stop = threading.Event()
    acted: list[bool] = []
    with when_set(stop, lambda: acted.append(True)):
        (watcher,) = watchers()
    watcher.join(timeout=60)
    stop.set()
    assert not watcher.is_alive()
    assert acted == []
