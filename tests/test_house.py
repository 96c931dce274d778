"""The house: who may import whom, and which room may know which library.

A room is a folder or a file of ``utopias/``; the table below is the drawing. An import for
type hints counts. Where a better room is found, change the table and say why in the commit.
"""

import ast
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1] / "utopias"
FILES = sorted(ROOT.rglob("*.py"))

PURE = {"numpy", "pandas", "scipy"}
MAY_IMPORT: dict[str, set[str]] = {
    "domain": set(),
    "compiled": {"domain"},
    "language": set(),
    "scale": {"domain"},
    "territory": {"domain"},
    "network": {"domain", "scale", "compiled"},
    "equity": {"domain"},
    "costs": {"domain"},
    "land": {"domain"},
    "report": {"domain", "language"},
    "access": {"domain", "network", "scale", "compiled"},
    "witness": {"domain"},
    "siting": {"domain", "equity", "scale", "witness", "compiled"},
    "scenario": {"domain", "network", "access", "siting", "equity", "costs", "land", "scale", "report"},
    "cli": {
        "domain",
        "language",
        "compiled",
        "scale",
        "territory",
        "network",
        "access",
        "siting",
        "equity",
        "costs",
        "land",
        "scenario",
        "report",
        "witness",
    },
}
# The floors of siting, from below: a part imports only what stands under it (``lists`` and the like are files).
SITING = (
    *("lists", "kernels", "highs", "question", "covers", "median", "full_cover", "rooms", "bundles"),
    *("solve", "linear", "years", "curve", "choose", "doubt"),
)
MAY_KNOW: dict[str, set[str]] = {
    "language": {"babel"},
    "compiled": {"numba", "llvmlite"},
    "territory": {"geopandas", "pyogrio", "shapely", "pyproj", "pyarrow", "h3", "osmium", "rasterio", "httpx"},
    "network": {"numba"},
    "siting": {"highspy"},
    "land": {"shapely"},
    "witness": {"shapely"},
    "report": {"typst", "jinja2"},
    "cli": {"typer", "rich", "click"},
}
STANDARD = set(sys.stdlib_module_names)


def room_of(file: Path) -> str:
    return file.relative_to(ROOT).parts[0].removesuffix(".py")


def imports_of(file: Path) -> set[str]:
    """Every module named in an import, relative ones with their dots, also inside functions."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            found.add("." * node.level + (node.module or ""))
        elif isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
    return found


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(ROOT)))
def test_a_room_imports_only_what_its_row_grants(file: Path) -> None:
    room = room_of(file)
    names = imports_of(file)
    assert not [name for name in names if name.startswith(".") or name == "utopias"], "write imports from the root"
    if room == "__init__":
        return
    rooms = {name.split(".")[1] for name in names if name.startswith("utopias.")} - {room}
    assert rooms <= MAY_IMPORT[room], f"{room} may not import {sorted(rooms - MAY_IMPORT[room])}"
    others = {name.split(".")[0] for name in names} - {"utopias"} - STANDARD - PURE
    assert others <= MAY_KNOW.get(room, set()), f"{room} may not know {sorted(others - MAY_KNOW.get(room, set()))}"


@pytest.mark.parametrize("room", sorted({room_of(file) for file in FILES} - {"__init__"}))
def test_no_circle_inside_a_room(room: str) -> None:
    files = {f"utopias.{'.'.join(f.relative_to(ROOT).with_suffix('').parts)}": f for f in FILES if room_of(f) == room}
    arrows = {
        name: {other for other in imports_of(file) if other in files and other != name} for name, file in files.items()
    }
    while arrows:
        feet = {name for name, others in arrows.items() if not others & arrows.keys()}
        if not feet:
            break
        for name in feet:
            del arrows[name]
    assert not arrows, f"a circle among {sorted(arrows)}"


def test_siting_stands_on_its_floors() -> None:
    files = [file for file in FILES if room_of(file) == "siting" and file.parent.name + file.stem != "siting__init__"]

    def part_of(name: str) -> str:
        return name.split(".")[2]

    wrong = []
    for file in files:
        here = part_of(".".join(("utopias", *file.relative_to(ROOT).with_suffix("").parts)))
        for name in imports_of(file):
            if name.startswith("utopias.siting.") and SITING.index(part_of(name)) > SITING.index(here):
                wrong.append(f"{file.relative_to(ROOT)} imports {name}")
    assert not wrong


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(ROOT)))
def test_a_file_is_one_thought(file: Path) -> None:
    lines = file.read_text(encoding="utf-8").count("\n")
    assert lines <= 400, f"{lines} lines: cut it along a thought"


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(ROOT)))
def test_a_file_opens_with_its_thought(file: Path) -> None:
    assert ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))), "say in the first lines what lives here"


def test_no_room_is_called_utils() -> None:
    forbidden = {"utils", "util", "helpers", "common", "manager", "misc"}
    assert not [file for file in FILES if file.stem in forbidden]
