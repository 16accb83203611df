"""Refresh the vendored browser assets from their npm packages.

Nothing is bundled or built: files are copied as their authors publish them, with their licences,
and `VENDOR.json` beside them names version, licence and SHA-256 of each. `npm pack` fetches the
packages from whatever registry npm is configured for. The pins below are the only place to edit;
run `python scripts/vendor_assets.py` afterwards (`--check` compares what is there and fetches
nothing).
"""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import sys
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

ROOT = Path(__file__).resolve().parent.parent
PAGES = ROOT / "src/orgwarden/web/static/vendor"
TESTS = ROOT / "tests/vendor"
SVG = "http://www.w3.org/2000/svg"


@dataclass(frozen=True)
class Package:
    """One npm package: what is taken from it and under which licence."""

    name: str
    version: str
    licence: str
    folder: str
    files: dict[str, str]  # path inside the package -> name here
    licences: dict[str, str]  # licence path inside the package -> name here
    into: Path = PAGES
    notice: str = ""  # licence text when the package ships none


MIT = """\
MIT License

Copyright 2018-2026 The Tabler Authors
Copyright 2018-2026 codecalm.net Paweł Kuna

Permission is hereby granted, free of charge, to any person obtaining a copy of this software and
associated documentation files (the "Software"), to deal in the Software without restriction,
including without limitation the rights to use, copy, modify, merge, publish, distribute,
sublicense, and/or sell copies of the Software, and to permit persons to whom the Software is
furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial
portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT
NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND
NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES
OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF OR IN
CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.
"""

PACKAGES = (
    Package(
        "@tabler/core",
        "1.6.1",
        "MIT",
        "tabler",
        {
            "dist/css/tabler.min.css": "tabler.min.css",
            "dist/js/tabler.min.js": "tabler.min.js",
        },
        {},
        notice=MIT,
    ),
    Package("@tabler/icons", "3.51.0", "MIT", "icons", {}, {"LICENSE": "LICENSE"}),
    Package(
        "htmx.org",
        "2.0.11",
        "0BSD",
        "htmx",
        {"dist/htmx.min.js": "htmx.min.js"},
        {"LICENSE": "LICENSE"},
    ),
    Package(
        "echarts",
        "6.1.0",
        "Apache-2.0",
        "echarts",
        {"dist/echarts.min.js": "echarts.min.js"},
        {"LICENSE": "LICENSE", "NOTICE": "NOTICE", "licenses/LICENSE-d3": "LICENSE-d3"},
    ),
    Package(
        "axe-core",
        "4.14.1",
        "MPL-2.0",
        "axe",
        {"axe.min.js": "axe.min.js"},
        {"LICENSE": "LICENSE", "LICENSE-3RD-PARTY.txt": "LICENSE-3RD-PARTY.txt"},
        into=TESTS,
    ),
)

# The outline icons the pages use; `<use href="…/icons/sprite.svg#name">`.
ICONS = """
activity adjustments alert-circle alert-octagon alert-triangle apps arrow-down arrow-right arrow-up
ban bell building calendar chart-bar check chevron-down chevron-left chevron-right circle-check
circle-dashed circle-x clock cloud copy database device-desktop dots download edit external-link eye
eye-off file-text filter gauge git-pull-request help-circle history home hourglass info-circle key
layout-dashboard list-details lock login logout map-pin menu-2 minus moon player-pause player-play
plug plug-connected plus refresh search settings shield-check shield-half sort-ascending
sort-descending sun table trash user users world x
""".split()


def fetch(package: Package, folder: Path) -> tarfile.TarFile:
    """The package's archive, fetched by npm."""
    done = subprocess.run(
        ["npm", "pack", "--silent", f"{package.name}@{package.version}"],
        cwd=folder,
        check=True,
        capture_output=True,
        text=True,
    )
    return tarfile.open(folder / done.stdout.strip().splitlines()[-1])


def member(archive: tarfile.TarFile, path: str) -> bytes:
    found = archive.extractfile(f"package/{path}")
    if found is None:
        raise SystemExit(f"{path} is not a file of the package")
    return found.read()


def without_source_map(content: bytes) -> bytes:
    """Source maps are not shipped, and Django's manifest storage fails on a reference to one."""
    content = re.sub(rb"\n?//# sourceMappingURL=\S+\s*$", b"\n", content)
    return re.sub(rb"\n?/\*# sourceMappingURL=[^*]+\*/\s*$", b"\n", content)


def sprite(archive: tarfile.TarFile) -> bytes:
    """One SVG file holding each icon as a symbol."""
    ElementTree.register_namespace("", SVG)
    root = ElementTree.Element(f"{{{SVG}}}svg")
    for name in ICONS:
        drawing = member(archive, f"icons/outline/{name}.svg")
        icon = ElementTree.fromstring(drawing)  # noqa: S314  pinned package, run by a maintainer
        symbol = ElementTree.SubElement(
            root,
            f"{{{SVG}}}symbol",
            {
                "id": name,
                "viewBox": "0 0 24 24",
                "fill": "none",
                "stroke": "currentColor",
                "stroke-width": "2",
                "stroke-linecap": "round",
                "stroke-linejoin": "round",
            },
        )
        for part in icon:
            if part.get("stroke") != "none":  # the invisible bounding box each icon carries
                part.tail = None
                symbol.append(part)
    ElementTree.indent(root)
    note = b"<!-- From Tabler Icons, MIT licence: LICENSE beside this file. -->\n"
    drawn: bytes = ElementTree.tostring(root, encoding="utf-8")
    return note + drawn + b"\n"


def take(package: Package, scratch: Path) -> dict[str, object]:
    """Copy one package's files and describe them for `VENDOR.json`."""
    with fetch(package, scratch) as archive:
        found = {
            here: without_source_map(member(archive, there))
            for there, here in package.files.items()
        }
        if package.name == "@tabler/icons":
            found["sprite.svg"] = sprite(archive)
        licences = {here: member(archive, there) for there, here in package.licences.items()}
    if package.notice:
        licences["LICENSE"] = package.notice.encode()
    folder = package.into / package.folder
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in (found | licences).items():
        (folder / name).write_bytes(content)
    return {
        "name": package.name,
        "version": package.version,
        "licence": package.licence,
        "licence_files": [f"{package.folder}/{name}" for name in sorted(licences)],
        "sha256": {
            f"{package.folder}/{name}": hashlib.sha256(content).hexdigest()
            for name, content in sorted(found.items())
        },
    }


def differences(into: Path) -> list[str]:
    """What in a vendor folder is not as its `VENDOR.json` and the pins above say."""
    wrong = []
    listed = {p["name"]: p for p in json.loads((into / "VENDOR.json").read_text())["packages"]}
    for package in (p for p in PACKAGES if p.into == into):
        entry = listed.get(package.name)
        if entry is None or entry["version"] != package.version:
            wrong.append(f"{package.name} is not at {package.version}")
            continue
        for name, digest in entry["sha256"].items():
            if hashlib.sha256((into / name).read_bytes()).hexdigest() != digest:
                wrong.append(f"{name} was changed")
        wrong += [
            f"{name} is missing" for name in entry["licence_files"] if not (into / name).is_file()
        ]
    return wrong


def main(arguments: list[str]) -> int:
    if arguments == ["--check"]:
        wrong = differences(PAGES) + differences(TESTS)
        print("\n".join(wrong) or "vendored assets are as listed")
        return 1 if wrong else 0
    with tempfile.TemporaryDirectory() as scratch:
        for into in (PAGES, TESTS):
            taken = [take(p, Path(scratch)) for p in PACKAGES if p.into == into]
            (into / "VENDOR.json").write_text(
                json.dumps(
                    {
                        "note": "Written by scripts/vendor_assets.py. Source map references are "
                        "removed; files are otherwise as published.",
                        "packages": taken,
                    },
                    indent=2,
                )
                + "\n"
            )
    for package in PACKAGES:
        print(f"{package.name} {package.version} ({package.licence})")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
