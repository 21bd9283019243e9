"""The writer's adapter goes on the very model that it was trained on, and on no other."""

from __future__ import annotations

from pathlib import Path

import gguf
import pytest

from index.errors import ModelMissing, WrongUse
from rag.llm import adapter
from rag.llm.adapter import ADAPTER_FILE, BASE_KEY, EMBEDDED_WRITER, adapter_for
from rag.llm.catalogue import load_generator
from rag.llm.generation import SMOLLM2, LlamaGenerator, Message

MARKED = """Clippings:
[1] The bridge over the Arle cost 587 million crowns and opened in the spring of 2025.
[2] The ferry is blue and sails twice a day.

Marked: 587 million crowns [1]

Question: How much did the bridge cost?"""


def test_none_is_none(tmp_path: Path) -> None:
    assert adapter_for("none", tmp_path / "absent.gguf") is None


def test_an_unknown_name_is_said(tmp_path: Path) -> None:
    with pytest.raises(WrongUse, match=r"No adapter is called 'smol'. Known: smollm2-writer"):
        adapter_for("smol", tmp_path)


def test_another_base_is_refused_with_the_reason(tmp_path: Path) -> None:
    other = tmp_path / "other.gguf"
    other.write_bytes(b"GGUF of another kind")
    with pytest.raises(ModelMissing, match=r"trained on another model than other.gguf .* --no-adapter"):
        adapter_for(EMBEDDED_WRITER, other)


def test_a_missing_adapter_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(adapter, "ADAPTER_FILE", tmp_path / "gone.gguf")
    (tmp_path / "base.gguf").write_bytes(b"x")
    with pytest.raises(ModelMissing, match=r"cannot be read: .*gone.gguf.* Install clippings again"):
        adapter_for(EMBEDDED_WRITER, tmp_path / "base.gguf")


def test_a_server_takes_no_adapter() -> None:
    with pytest.raises(WrongUse, match="No adapter can be put on the model of a server"):
        load_generator("http://127.0.0.1:9", EMBEDDED_WRITER)


def test_the_file_is_small_and_names_its_base() -> None:
    assert ADAPTER_FILE.stat().st_size < 20_000_000
    fields = gguf.GGUFReader(ADAPTER_FILE).fields
    assert fields[BASE_KEY].contents() == SMOLLM2.sha256
    assert fields["general.type"].contents() == "adapter"


@pytest.mark.models
@pytest.mark.slow
def test_with_the_adapter_the_answer_is_short_and_cited() -> None:
    messages = [Message("system", "Answer."), Message("user", MARKED)]
    adapted, plain = load_generator("smollm2-135m"), load_generator("smollm2-135m", "none")
    assert isinstance(adapted, LlamaGenerator)
    assert (adapted.adapted, plain.adapted) == (True, False)
    assert "".join(adapted.stream(messages, max_tokens=40)) == "587 million crowns [1]"
    assert "".join(plain.stream(messages, max_tokens=40)) != "587 million crowns [1]"
