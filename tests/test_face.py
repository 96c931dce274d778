"""The face: what `import utopias as u` gives, how lightly, and that no name hides a room."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

import utopias

# Whatever is heavy, or belongs to one room alone: none of it is read before a name that needs it is touched.
HEAVY = ("numpy", "pandas", "scipy", "numba", "geopandas", "shapely", "pyarrow", "highspy", "typer", "rich", "typst")


def loaded_after(line: str) -> set[str]:
    """The modules that a fresh interpreter has loaded once it ran ``line``."""
    told = subprocess.run(
        [sys.executable, "-c", f"{line}\nimport sys, json; print(json.dumps(sorted(sys.modules)))"],
        capture_output=True, text=True, check=True, cwd=Path(utopias.__file__).parents[1],
    ).stdout  # fmt: skip
    return set(json.loads(told))


@pytest.mark.parametrize("name", utopias.__all__)
def test_every_name_of_the_face_loads(name: str) -> None:
    value = getattr(utopias, name)
    assert value is getattr(utopias, name)
    assert callable(value) or name == "__version__"


def test_to_import_the_house_alone_loads_nothing_heavy() -> None:
    loaded = loaded_after("import utopias")
    assert not loaded & set(HEAVY)
    assert {name for name in loaded if name.startswith("utopias.")} == {"utopias.domain", "utopias.domain.versions"}


def test_comparing_saved_plans_needs_no_solver_and_no_maps() -> None:
    loaded = loaded_after("import utopias; utopias.compare; utopias.Plan")
    assert not loaded & {"numba", "highspy", "geopandas", "typer", "scipy"}


def test_to_open_a_town_and_walk_in_it_is_to_load_neither_frames_nor_a_compiler() -> None:
    loaded = loaded_after("import utopias as u; u.read_town, u.street_network, u.travel_times, u.people_within")
    assert not loaded & {"numba", "llvmlite", "pandas", "geopandas", "shapely", "scipy", "typer"}


def test_no_name_of_the_face_is_the_name_of_a_room() -> None:
    home = Path(utopias.__file__).parent
    rooms = {path.stem for path in home.iterdir() if path.suffix == ".py" or path.is_dir()}
    assert not rooms & set(utopias.__all__)


def test_a_name_that_is_not_there_is_told_with_those_that_are() -> None:
    with pytest.raises(AttributeError, match=r"no 'solvee'; it has .*\bsolve\b"):
        utopias.solvee  # noqa: B018
    assert dir(utopias) == sorted(utopias.__all__)
