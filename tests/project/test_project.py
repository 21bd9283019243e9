"""The project keeps its own rules: imports, size, docstrings, the wheel, and what README promises."""

from __future__ import annotations

import ast
import importlib
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
import zipfile
from collections import Counter
from importlib.util import find_spec
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "scripts"))
import rooms

from rag.settings import Settings
from ui.cli.parser import build_parser

ROOT = Path(__file__).parents[2]
PACKAGES = ("index", "prompts", "rag", "ui")
MODULES = sorted(path for package in PACKAGES for path in (ROOT / package).glob("**/*.py"))
MAX_LINES = 450


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def test_every_room_imports_only_rooms_before_it() -> None:
    assert not list(filter(rooms.is_backwards, rooms.arrows()))


def test_every_room_is_listed_once_and_exists() -> None:
    assert len(rooms.ROOMS) == len(set(rooms.ROOMS))
    folders = {".".join(path.parent.relative_to(ROOT).parts) for path in MODULES if path.name == "__init__.py"}
    assert folders <= set(rooms.ROOMS)
    assert {room for room in rooms.ROOMS if find_spec(room) is None} == set()


def test_a_module_outside_every_room_is_noticed() -> None:
    assert rooms.room_of("index.storage.store") == "index.storage"
    with pytest.raises(ValueError, match=r"index\.misc is in no room"):
        rooms.room_of("index.misc")


def test_an_import_against_the_order_is_noticed() -> None:
    assert rooms.is_backwards(("index.search", "ui.page"))
    assert not rooms.is_backwards(("ui.page", "index.search"))


def test_nothing_is_imported_relatively_by_name_or_from_outside() -> None:
    for path in MODULES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom):
                assert node.level == 0, f"{path} imports relatively"
                assert (node.module or "").partition(".")[0] not in ("tests", "scripts")
            if isinstance(node, ast.Call):
                assert not ast.unparse(node.func).endswith(("import_module", "__import__")), f"{path} imports by name"


def test_a_room_has_at_most_fourteen_modules() -> None:
    counts = Counter(path.parent for path in MODULES if path.name != "__init__.py")
    assert {name_of(folder): count for folder, count in counts.items() if count > 14} == {}


def test_no_file_name_occurs_twice_in_a_package() -> None:
    for package in PACKAGES:
        names = Counter(path.name for path in MODULES if path.parts[len(ROOT.parts)] == package)
        assert [name for name, count in names.items() if count > 1 and name != "__init__.py"] == []


@pytest.mark.parametrize("path", [*MODULES, *sorted((ROOT / "tests").glob("**/*.py"))], ids=name_of)
def test_every_module_says_what_it_does(path: Path) -> None:
    content = path.read_text(encoding="utf-8")
    if content.strip():
        assert len((ast.get_docstring(ast.parse(content)) or "").split()) >= 4


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_modules_are_short(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) < MAX_LINES


@pytest.mark.parametrize("name", ["index", "prompts", "rag"])
def test_all_matches(name: str) -> None:
    package = importlib.import_module(name)
    tree = ast.parse((ROOT / name / "__init__.py").read_text(encoding="utf-8"))
    defined = {node.name for node in tree.body if isinstance(node, (ast.FunctionDef, ast.ClassDef))}
    assert sorted(package.__all__) == list(package.__all__)
    assert len(set(package.__all__)) == len(package.__all__)
    assert all(hasattr(package, member) for member in package.__all__)
    assert {member for member in defined if not member.startswith("_")} <= set(package.__all__)


def test_what_python_users_are_promised_is_public() -> None:
    import index
    import rag

    assert {"answer", "stream_answer", "Chatbot", "Answer", "Citation", "Evidence", "Settings"} <= set(rag.__all__)
    assert {"Index", "Article", "Chunk", "Hit"} <= set(index.__all__)


# The wheel


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Names in the wheel that is built from a copy of what is needed for it."""
    if find_spec("build") is None:
        pytest.skip("needs pip install build")
    source = tmp_path_factory.mktemp("source")
    ignore = shutil.ignore_patterns("__pycache__", "*.pyc")
    for folder in (*PACKAGES, "tests", "scripts"):
        shutil.copytree(ROOT / folder, source / folder, ignore=ignore)
    for name in ("pyproject.toml", "LICENSE", "README.md"):
        if (ROOT / name).exists():
            shutil.copy(ROOT / name, source / name)
    if not (source / "README.md").exists():
        (source / "README.md").write_text("# clippings\n")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(source / "out"), str(source)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=source)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    (path,) = (source / "out").glob("*.whl")
    with zipfile.ZipFile(path) as archive:
        return archive.namelist()


def test_the_wheel_holds_four_packages_and_their_metadata(wheel: list[str]) -> None:
    tops = {name.partition("/")[0] for name in wheel}
    (metadata,) = tops - set(PACKAGES)
    assert tops == {*PACKAGES, metadata}
    assert re.fullmatch(r"clippings-[\d.]+\.dist-info", metadata)
    assert f"{metadata}/entry_points.txt" in wheel


def test_the_wheel_holds_every_file_of_the_packages_and_nothing_else(wheel: list[str]) -> None:
    files = {
        name_of(path)
        for package in PACKAGES
        for path in (ROOT / package).glob("**/*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert {name for name in wheel if ".dist-info/" not in name} == files
    needed = {f"{package}/py.typed" for package in PACKAGES} | {"prompts/system.txt"}
    needed |= {f"rag/retrieval/{name}.json" for name in ("passages", "evidence", "answerable", "answerable_unread")}
    needed |= {"rag/reader/reader.safetensors", "rag/grounding/verifier.json", "rag/llm/writer.gguf"}
    needed |= {
        "ui/page/static/style.css",
        "ui/page/static/page.js",
        "ui/page/static/favicon.svg",
        "ui/access/login.html",
        "ui/render/templates/turn.html",
        "index/sample_articles/news-in-brief.jsonl",
    }
    assert needed <= set(wheel)
    assert not [name for name in wheel if "test" in name.lower() and name != "prompts/instruction_latest.txt"]


# What README promises


@pytest.fixture(scope="module")
def readme() -> str:
    path = ROOT / "README.md"
    if not path.exists():
        pytest.skip("README.md is not written yet")
    return path.read_text(encoding="utf-8")


def commands_of(readme: str, program: str) -> list[list[str]]:
    """The arguments of every line and every `code` in README that calls the program."""
    shown = [line.strip() for line in readme.splitlines() if line.startswith("    ")] + re.findall(
        r"`([^`\n]+)`", readme
    )
    words = [shlex.split(text, comments=True) for text in shown if text.startswith(f"{program} ")]
    return [found[1:] for found in words]


def test_every_command_in_the_readme_exists(readme: str) -> None:
    commands = commands_of(readme, "clippings")
    assert len(commands) >= 5
    for arguments in commands:
        try:
            assert callable(build_parser().parse_args(arguments).run)
        except SystemExit:
            pytest.fail(f"README shows: clippings {shlex.join(arguments)}")


def test_every_make_target_in_the_readme_exists(readme: str) -> None:
    targets = set(re.findall(r"^([\w-]+):(?!=)", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    shown = {arguments[0] for arguments in commands_of(readme, "make")}
    assert {"chat", "test"} <= shown
    assert shown <= targets


@pytest.mark.parametrize("field", Settings.model_fields)
def test_every_setting_is_in_the_readme(readme: str, field: str) -> None:
    assert f"`{field}`" in readme


def test_files_that_the_readme_links_to_exist(readme: str) -> None:
    links = [link for link in re.findall(r"\]\(([^)#]+)\)", readme) if "://" not in link]
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_the_changelog_begins_with_the_version() -> None:
    if not (ROOT / "CHANGELOG.md").exists():
        pytest.skip("CHANGELOG.md is not written yet")
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    headings = re.findall(r"^## \[?([^\]\s]+)", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert headings[0] == version


def test_nothing_is_left_to_do() -> None:
    marks = re.compile(r"\b(?:TO" r"DO|FIX" r"ME|XX" r"X)\b|@[A-Z]+(?:_[A-Z]+)*@")
    suffixes = {".py", ".md", ".txt", ".toml", ".js", ".css", ".json", ".yml", ".yaml", ".svg", ""}
    hidden = {".git", ".venv", ".demo", "__pycache__", "build", "dist", "sample_articles", "data"}
    left = []
    for path in sorted(ROOT.rglob("*")):
        parts = path.relative_to(ROOT).parts
        if path.suffix not in suffixes or not path.is_file() or any(p in hidden or p.endswith("_cache") for p in parts):
            continue
        if ".hypothesis" not in parts and marks.search(path.read_text(encoding="utf-8", errors="replace")):
            left.append(name_of(path))
    assert left == []
