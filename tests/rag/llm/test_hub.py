"""Downloads from a model hub: continued, checked, and explained when they fail. The hub is one on loopback."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import filelock
import huggingface_hub
import pytest
from hub import COMMIT, Hub
from huggingface_hub import constants

from index.errors import CannotRun, ModelMissing
from rag.llm import hub as downloads
from rag.llm.hub import Download, HubFile, pull

CONTENT = bytes(range(256)) * 3000
FILE = HubFile("acme/tiny-GGUF", "tiny.gguf")
AGAIN = "clippings models pull acme/tiny-GGUF:tiny.gguf"


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    """A hub that huggingface_hub takes for its own, with an empty folder for files; huggingface_hub reads the
    environment once, when it is imported, so its constants are set.
    """
    hub = Hub(CONTENT)
    server = hub.start()
    monkeypatch.setattr(constants, "ENDPOINT", hub.url)
    monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", hub.url + "/{repo_id}/resolve/{revision}/{filename}")
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "files"))
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setattr(downloads, "WAIT", 0.0)
    huggingface_hub.close_session()
    yield hub
    huggingface_hub.close_session()
    server.shutdown()
    server.server_close()


def folder(tmp_path: Path) -> Path:
    """Where the bytes of the repository's files lie."""
    return tmp_path / "files" / "models--acme--tiny-GGUF" / "blobs"


def test_a_file_is_downloaded_and_found_from_then_on(hub: Hub, tmp_path: Path) -> None:
    assert FILE.find() is None
    found = pull(FILE)
    assert found == Download(found.path, len(CONTENT), hub.sha256)
    assert found.path.read_bytes() == CONTENT
    assert (found.path.name, found.path.parent.name) == ("tiny.gguf", COMMIT)
    assert FILE.find() == found.path
    assert os.listdir(folder(tmp_path)) == [hub.sha256]


def test_a_file_that_is_there_is_checked_and_kept(hub: Hub) -> None:
    first = pull(FILE)
    assert len(hub.gets) == 1
    assert pull(FILE) == first
    assert len(hub.gets) == 1


def test_a_file_that_was_damaged_on_the_disk_is_fetched_again(hub: Hub) -> None:
    path = pull(FILE).path
    for damaged in (CONTENT[:-1], CONTENT[:-1] + b"x"):
        path.resolve().write_bytes(damaged)
        assert pull(FILE).path.read_bytes() == CONTENT
    assert len(hub.gets) == 3


def test_a_kept_part_that_was_spoilt_is_fetched_from_the_start(hub: Hub, tmp_path: Path) -> None:
    part = folder(tmp_path) / f"{hub.sha256}.clippings.incomplete"
    part.parent.mkdir(parents=True)
    part.write_bytes(bytes(100_000))
    assert pull(FILE).path.read_bytes() == CONTENT
    assert hub.gets == ["bytes=100000-", "bytes=0-"]


def test_a_connection_that_is_cut_is_taken_up_where_it_broke(hub: Hub) -> None:
    hub.cuts = [100_000, 200_000]
    assert pull(FILE).path.read_bytes() == CONTENT
    assert hub.gets == ["bytes=0-", "bytes=100000-", "bytes=300000-"]


def test_the_next_command_goes_on_from_what_has_arrived(hub: Hub, tmp_path: Path) -> None:
    hub.cuts = [100_000, 0, 0, 0]
    with pytest.raises(CannotRun) as caught:
        pull(FILE)
    assert str(caught.value) == (
        f"The connection to {hub.url} failed while {FILE} was fetched. What has arrived is kept; go on with: {AGAIN}"
    )
    assert FILE.find() is None
    assert [(p.name, p.stat().st_size) for p in folder(tmp_path).iterdir()] == [
        (f"{hub.sha256}.clippings.incomplete", 100_000)
    ]
    hub.gets.clear()
    assert pull(FILE).path.read_bytes() == CONTENT
    assert hub.gets == ["bytes=100000-"]
    assert os.listdir(folder(tmp_path)) == [hub.sha256]


def test_a_hub_that_cannot_start_within_a_file_sends_it_whole(hub: Hub) -> None:
    hub.ranges = False
    hub.cuts = [100_000]
    assert pull(FILE).path.read_bytes() == CONTENT
    assert len(hub.gets) == 2


@pytest.mark.parametrize(
    "sent", [CONTENT[:-1] + b"x", CONTENT + b"more"], ids=["one other byte", "longer than it should be"]
)
def test_wrong_bytes_are_removed_and_the_command_can_be_repeated(hub: Hub, sent: bytes, tmp_path: Path) -> None:
    hub.sent = sent
    with pytest.raises(ModelMissing) as caught:
        pull(FILE)
    assert str(caught.value) == (
        f"{FILE}: what {hub.url} sent is not the file that it states (size or SHA-256 differ). It was removed; "
        f"try again with: {AGAIN}"
    )
    assert os.listdir(folder(tmp_path)) == []
    assert FILE.find() is None
    hub.sent = None
    assert pull(FILE).path.read_bytes() == CONTENT


def test_a_file_shorter_than_stated_is_no_success(hub: Hub) -> None:
    hub.sent = CONTENT[:5000]
    with pytest.raises(CannotRun):
        pull(FILE)
    assert FILE.find() is None


def test_without_a_stated_sha256_only_the_size_is_checked_and_it_says_so(hub: Hub) -> None:
    hub.etag = "d" * 40
    assert pull(FILE).sha256 is None


def test_the_token_is_sent_and_never_shown(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    hub.token = "hf_secret"
    with pytest.raises(ModelMissing) as caught:
        pull(FILE)
    assert str(caught.value) == (
        f"{hub.url} gives {FILE} only with a valid token (status 401). Set HF_TOKEN, then: {AGAIN}"
    )
    monkeypatch.setenv("HF_TOKEN", "hf_wrong")
    with pytest.raises(ModelMissing) as caught:
        pull(FILE)
    assert "hf_wrong" not in str(caught.value)
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    assert pull(FILE).path.read_bytes() == CONTENT
    assert hub.tokens[-1] == "Bearer hf_secret"


def test_the_token_stays_with_the_hub_when_the_bytes_lie_elsewhere(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    hub.storage, hub.token = True, "hf_secret"
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    hub.cuts = [100_000]
    assert pull(FILE) == Download(pull(FILE).path, len(CONTENT), hub.sha256)
    assert FILE.find().read_bytes() == CONTENT
    assert hub.stored == [("bytes=0-", None), ("bytes=100000-", None)]
    assert set(hub.tokens) == {"Bearer hf_secret"}


@pytest.mark.parametrize(
    ("status", "code", "kind", "said"),
    [
        (401, "GatedRepo", ModelMissing, "accept its licence at {hub}/acme/tiny-GGUF, set HF_TOKEN, then: {again}"),
        (401, "RepoNotFound", ModelMissing, "has no repository acme/tiny-GGUF, or shows it only with a token"),
        (404, "EntryNotFound", ModelMissing, "{hub} has no file tiny.gguf in acme/tiny-GGUF. See which there are"),
        (404, "", ModelMissing, "{hub} has no file tiny.gguf in acme/tiny-GGUF."),
        (403, "", ModelMissing, "only with a valid token (status 403)"),
        (500, "", CannotRun, "{hub} answered with status 500 for {file}. Try later: {again}"),
        (429, "", CannotRun, "status 429"),
    ],
)
def test_what_the_hub_refuses_is_explained(hub: Hub, status: int, code: str, kind: type[CannotRun], said: str) -> None:
    hub.status, hub.error_code = status, code
    with pytest.raises(CannotRun) as caught:
        pull(FILE)
    assert type(caught.value) is kind
    assert said.format(hub=hub.url, file=FILE, again=AGAIN) in str(caught.value)
    assert "\n" not in str(caught.value)
    assert hub.gets == []


def test_a_name_that_the_hub_does_not_know(hub: Hub) -> None:
    with pytest.raises(ModelMissing, match=r"has no file other\.gguf in acme/tiny-GGUF"):
        pull(HubFile("acme/tiny-GGUF", "other.gguf"))
    with pytest.raises(ModelMissing, match="has no repository acme/other"):
        pull(HubFile("acme/other", "tiny.gguf"))


def test_something_else_than_a_hub_is_named(hub: Hub) -> None:
    hub.etag = "../../outside"
    with pytest.raises(CannotRun) as caught:
        pull(FILE)
    assert str(caught.value).startswith(f"{hub.url} does not describe {FILE} as a model hub does. ")


def test_a_hub_that_is_down(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", "http://127.0.0.1:9/{repo_id}/{revision}/{filename}")
    with pytest.raises(CannotRun) as caught:
        pull(FILE)
    assert str(caught.value) == f"{hub.url} cannot be reached. Check the connection, then: {AGAIN}"


def test_offline_nothing_is_contacted(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    with pytest.raises(CannotRun) as caught:
        pull(FILE)
    assert str(caught.value) == (f"{FILE} was not downloaded, because HF_HUB_OFFLINE is set. Unset it, then: {AGAIN}")
    assert hub.tokens == []


def test_a_disk_without_room_is_noticed_before(hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = shutil.disk_usage(tmp_path)
    needed = len(CONTENT) + downloads.SPARE_BYTES
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=needed - 1))
    with pytest.raises(CannotRun) as caught:
        pull(FILE)
    assert str(caught.value) == (
        f"{FILE} needs 201 MB in {folder(tmp_path)}, but only 201 MB are free. Make room, or set HF_HOME to a folder "
        "on a larger disk."
    )
    assert hub.gets == []
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=needed))
    assert pull(FILE).size == len(CONTENT)


def test_a_folder_that_cannot_be_written_is_named(hub: Hub, tmp_path: Path) -> None:
    (tmp_path / "files").write_text("in the way")
    with pytest.raises(CannotRun) as caught:
        pull(FILE)
    assert str(caught.value).startswith(f"{FILE} could not be written to {tmp_path / 'files'}")


@pytest.mark.parametrize(
    ("error", "reason"), [(OSError(28, "No space left on device"), "No space left on device"), (OSError("odd"), "odd")]
)
def test_an_error_of_the_disk_without_a_file_name_is_explained(
    hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: OSError, reason: str
) -> None:
    def fail(_: int) -> None:
        raise error

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(CannotRun) as caught:
        pull(FILE)
    assert str(caught.value) == f"{FILE} could not be written to {folder(tmp_path)}: {reason}. Then: {AGAIN}"


def test_two_commands_do_not_write_the_same_part(hub: Hub, tmp_path: Path) -> None:
    pull(FILE).path.resolve().unlink()
    (lock,) = (tmp_path / "files" / ".locks" / "models--acme--tiny-GGUF").glob("*clippings*")
    with filelock.FileLock(lock), pytest.raises(CannotRun, match=f"{FILE} is being downloaded by another command"):
        pull(FILE)
    assert pull(FILE).path.read_bytes() == CONTENT


@pytest.mark.parametrize(
    ("text", "file"),
    [
        ("acme/tiny-GGUF:tiny.gguf", FILE),
        ("a/b:sub/c-1.Q4_K_M.gguf", HubFile("a/b", "sub/c-1.Q4_K_M.gguf")),
        ("a/b:c.bin", None),
        ("a/b:../c.gguf/d", None),
        ("b:c.gguf", None),
        ("C:/models/x.gguf", None),
        ("a/b/c.gguf", None),
        ("http://a/b:c.gguf", None),
        ("", None),
    ],
)
def test_which_texts_name_a_file_of_a_hub(text: str, file: HubFile | None) -> None:
    assert HubFile.parse(text) == file
    assert file is None or str(file) == text


def test_the_command_reads_the_environment_as_other_programs_do(hub: Hub, tmp_path: Path) -> None:
    hub.token = "hf_secret"
    environment = {name: value for name, value in os.environ.items() if not name.endswith("OFFLINE")}
    environment |= {"HF_ENDPOINT": hub.url, "HF_HOME": str(tmp_path / "home"), "HF_TOKEN": hub.token}
    environment |= {"PYTHONPATH": str(Path(__file__).parents[3])}
    command = [sys.executable, "-m", "ui", "models", "pull", str(FILE)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, env=environment)
    assert (done.returncode, done.stderr) == (0, "")
    path, said = done.stdout.splitlines()
    assert Path(path).read_bytes() == CONTENT
    assert Path(path).is_relative_to(tmp_path / "home" / "hub")
    assert said == f"1 MB; its SHA-256 is the one stated. Use it with: --llm {FILE}"
