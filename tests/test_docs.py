"""The documents are true: links resolve, commands exist, generated pages and lists agree."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from scripts import render_docs, vendor_assets

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
TEXT = {".md", ".py", ".toml", ".in", ".txt", ".sh", ".json", ".html", ".yml", ".css", ".js", ""}

MADE = {".venv", ".git", "node_modules", "__pycache__", "demo", "var", "build", "dist"} | {
    *(".mypy_cache", ".ruff_cache", ".pytest_cache", ".hypothesis", "orgwarden.egg-info"),
}


def tracked() -> list[Path]:
    """The files of the project as git knows them; without git, all but what is made."""
    try:
        listed = subprocess.run(
            ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
        )
    except (OSError, subprocess.CalledProcessError):
        found = [path for path in ROOT.rglob("*") if not MADE & set(path.relative_to(ROOT).parts)]
        return [path for path in found if path.is_file() and not path.name.endswith(".pyc")]
    return [ROOT / name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


def documents() -> list[Path]:
    return [path for path in tracked() if path.suffix == ".md"]


def code(text: str) -> list[str]:
    """Lines of fenced blocks and the insides of code spans."""
    fenced = re.findall(r"^```\w*\n(.*?)^```", text, re.M | re.S)
    spans = re.findall(r"`([^`\n]+)`", re.sub(r"^```.*?^```", "", text, flags=re.M | re.S))
    return [line for block in fenced for line in block.splitlines()] + spans


def anchors(text: str) -> set[str]:
    """The anchors of a page's headings, as hosting pages make them."""
    headings = re.findall(r"^#+ (.+)$", text, re.M)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in headings}


def test_every_relative_link_resolves() -> None:
    broken = []
    for page in documents():
        text = page.read_text(encoding="utf-8")
        for target in re.findall(r"\]\(([^)\s]+)\)", text):
            if re.match(r"[a-z]+:", target):
                continue
            file, _, anchor = target.partition("#")
            there = (page.parent / file).resolve() if file else page
            if not there.exists() or (
                anchor and anchor not in anchors(there.read_text(encoding="utf-8"))
            ):
                broken.append(f"{page.relative_to(ROOT)}: {target}")
    assert broken == []


def test_every_make_target_named_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.M))
    named = {
        (page.name, target)
        for page in documents()
        for line in code(page.read_text(encoding="utf-8"))
        for target in re.findall(r"\bmake ([a-z-]+)", line)
    }
    assert named
    assert {(page, target) for page, target in named if target not in targets} == set()


def test_every_make_target_is_explained() -> None:
    text = (ROOT / "Makefile").read_text()
    explained = set(re.findall(r"^([a-z-]+):.* ## ", text, re.M))
    assert set(re.findall(r"^([a-z-]+):", text, re.M)) == explained


def commands_named() -> list[tuple[str, ...]]:
    """`orgwarden org connect` and the like, as the documents name them."""
    found = set()
    for page in documents():
        for line in code(page.read_text(encoding="utf-8")):
            if match := re.match(r"(?:\S*/)?(orgwarden|orgsim)((?: [a-z][a-z-]*)+)", line):
                words = match[2].split()
                # Sub-commands are at most two words deep; the rest is what they are given.
                found.add((match[1], *words[:2]))
    return sorted(found)


@pytest.mark.parametrize("command", commands_named(), ids=" ".join)
def test_every_command_named_exists(command: tuple[str, ...]) -> None:
    program, *words = command
    done = subprocess.run(
        [BIN / program, *words, "--help"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "Usage" in done.stdout or "usage" in done.stdout


def test_no_file_names_a_registry_or_a_place_on_a_machine() -> None:
    hosts = ["pypi" + ".org", "python" + "hosted.org", "npmjs" + ".org", "npmjs" + ".com"]
    hosts += ["deb.debian" + ".org", "crates" + ".io"]
    places = ["/ro" + "ot/", "/wo" + "rk/", "/home/" + "runner"]
    if len(ROOT.parts) > 2:  # a checkout in / has no telling path
        places.append(f"{ROOT}/")
    found = []
    for path in tracked():
        if path.suffix not in TEXT or "vendor" in path.parts:
            continue
        text = path.read_text(encoding="utf-8")
        found += [f"{path.relative_to(ROOT)}: {word}" for word in hosts + places if word in text]
    assert found == []


def names(requirements: list[str]) -> set[str]:
    """The package names of requirement lines, extras kept, versions dropped."""
    lines = [line.partition("#")[0].strip() for line in requirements]
    return {re.split(r"[<>=~! ;]", line)[0] for line in lines if line and not line.startswith("-")}


def test_the_lists_of_dependencies_agree() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    reasons = (ROOT / "docs/decisions/0007-dependencies.md").read_text()
    for name, declared in (
        ("runtime", project["dependencies"]),
        ("orgsim", project["optional-dependencies"]["orgsim"]),
        ("spark", project["optional-dependencies"]["spark"]),
    ):
        wanted = names((ROOT / f"requirements/{name}.in").read_text().splitlines())
        assert names(declared) == wanted
        assert {package for package in wanted if f"| {package} |" not in reasons} == set()


def test_the_locks_are_pinned_hashed_and_agree() -> None:
    pins = {}
    files = {name: f"requirements/{name}.txt" for name in ("dev", "runtime", "orgsim", "spark")}
    files["peers"] = "benchmarks/requirements-peers.txt"  # shares no version with ours
    for name, file in files.items():
        text = (ROOT / file).read_text()
        packages = re.split(r"\n(?=\S)", text)
        packages = [package for package in packages if not package.startswith("#")]
        assert all("--hash=sha256:" in package for package in packages)
        pins[name] = set(re.findall(r"^(\S+==\S+)", text, re.M))
    assert pins["runtime"] <= pins["dev"]
    assert pins["orgsim"] <= pins["dev"]
    assert {p for p in pins["spark"] if p.startswith("sqlglot")} <= pins["dev"]


@pytest.mark.parametrize("path", render_docs.PAGES, ids=lambda path: path.name)
def test_generated_pages_are_as_the_code_says(path: Path) -> None:
    same = path.read_text(encoding="utf-8") == render_docs.PAGES[path]()
    assert same, "run `make docs`"  # a whole page as a diff would bury what matters


def test_vendored_assets_are_as_listed() -> None:
    assert vendor_assets.differences(vendor_assets.PAGES) == []
    assert vendor_assets.differences(vendor_assets.TESTS) == []
