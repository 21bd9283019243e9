"""The stand-ins and the guards of the tests themselves."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import numpy as np
import platformdirs
import pytest
from standins import HashEmbedder, ScriptedGenerator

from index.embedding.embedder import Embedder, Passage
from rag.llm.generation import Generator, Message
from rag.settings import Settings


@pytest.mark.parametrize("connect", ["connect", "connect_ex"])
def test_connecting_to_the_outside_is_refused_and_noticed(no_network: list[str], connect: str) -> None:
    with socket.socket() as outside, pytest.raises(ConnectionRefusedError, match=r"192\.0\.2\.1 was contacted"):
        getattr(outside, connect)(("192.0.2.1", 80))
    assert no_network == ["192.0.2.1"]
    no_network.clear()


def test_resolving_a_name_is_refused_and_noticed(no_network: list[str]) -> None:
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("example.org", 80), timeout=1)
    assert no_network == ["example.org"]
    no_network.clear()


def test_this_machine_may_be_contacted() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.socket() as client:
        client.connect(server.getsockname())
        assert client.getpeername() == server.getsockname()


def test_folders_are_the_tests_own(tmp_path: Path) -> None:
    for folder in (platformdirs.user_data_dir(), platformdirs.user_cache_dir(), Path.home(), os.environ["HF_HOME"]):
        assert Path(folder).is_relative_to(tmp_path)
    assert "clippings-tests-" in Settings().index


def test_hash_embedder_counts_words_and_is_of_unit_length() -> None:
    embedder: Embedder = HashEmbedder(dimension=64)
    text = "Red red blue. Green!"
    whole, first, second = embedder.embed_passages([Passage("Blue", text, ((0, 13), (14, 20)))])[0]
    red, blue, green = (HashEmbedder(dimension=64).slot(word) for word in ("red", "blue", "green"))
    assert len({red, blue, green}) == 3
    assert whole[[red, blue, green]] == pytest.approx(np.array([2, 2, 1]) / 3)
    assert first[[red, blue, green]] == pytest.approx(np.array([2, 1, 0]) / 5**0.5)
    assert second[[red, blue, green]].tolist() == [0, 0, 1]
    assert embedder.count_tokens([text, ""]) == [4, 0]


def test_hash_embedder_refuses_what_it_cannot_read() -> None:
    embedder = HashEmbedder(max_tokens=5)
    with pytest.raises(ValueError, match="a passage of 31 tokens, but a chunk has at most 30"):
        embedder.embed_passages([Passage("one two", "a " * 29, ((0, 58),))])
    assert embedder.embedded == 0


def test_scripted_generator_streams_its_replies_in_order() -> None:
    generator: Generator = ScriptedGenerator(["It cost 587 million. [1]\n", OSError("gone")], context_tokens=100)
    prompt = [Message("system", "Answer briefly."), Message("user", "What did it cost?")]
    assert list(generator.stream(prompt, max_tokens=50)) == ["It ", "cost ", "587 ", "million. ", "[1]\n"]
    with pytest.raises(OSError, match="gone"):
        next(generator.stream(prompt, max_tokens=50))
    with pytest.raises(AssertionError, match="prompt 3 came"):
        next(generator.stream(prompt, max_tokens=50))
    assert generator.prompts == [prompt, prompt, prompt]
    assert generator.count_tokens(prompt) == 6
    assert generator.closed_early == 0


def test_scripted_generator_notices_a_stream_closed_early() -> None:
    generator = ScriptedGenerator(["one two three", "one two three"])
    stream = generator.stream([], max_tokens=2)
    assert next(stream) == "one "
    stream.close()
    assert generator.closed_early == 1
    assert list(generator.stream([], max_tokens=2)) == ["one ", "two "]
    assert generator.closed_early == 1
