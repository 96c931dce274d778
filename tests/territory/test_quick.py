"""A town opened quickly is the town read the long way, bit for bit, and no fault slips through the quick door."""

from __future__ import annotations

import ast
import pickle
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

from tests.territory.towns import assert_same_town, towns
from tests.test_face import loaded_after
from tests.toy import toy_town
from utopias.domain.errors import TableError
from utopias.domain.folders import folder_hash, seal
from utopias.domain.places import Places
from utopias.domain.town import Town
from utopias.territory import sound, town_folder
from utopias.territory.quick import quick_town
from utopias.territory.sound import is_sound, sealed_bytes
from utopias.territory.synthetic import synthetic_town
from utopias.territory.town_folder import read_town, write_town


@pytest.fixture(autouse=True)
def _a_memory_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def quickly(folder: Path) -> Town | None:
    files = sealed_bytes(folder)
    assert files is not None
    return quick_town(files, folder_hash(folder))


def _tables_alike(one: Places, other: Places) -> None:
    for keep in (np.arange(len(one))[::-1], one.is_fixed):
        assert one.take(keep).names.tolist() == other.take(keep).names.tolist()
        assert one.take(keep).table.equals(other.take(keep).table)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)
@given(town=towns())
def test_any_town_opens_quickly_as_it_was_written(town: Town, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = write_town(town, tmp_path_factory.mktemp("any") / "town")
    quick = quickly(folder)
    if len(town.blocks):  # what a table without rows holds is told by its note alone: the long way
        assert quick is not None
        assert_same_town(quick, town)


def test_the_borough_opens_quickly_and_alike(tmp_path: Path) -> None:
    folder = write_town(synthetic_town("borough", people=20_000, seed=3), tmp_path / "town")
    slow, again, quick = read_town(folder), read_town(folder), quickly(folder)
    assert quick is not None
    assert again.hash == quick.hash == slow.hash
    for name in ("units", "sites", "providers"):
        _tables_alike(getattr(quick, name), getattr(slow, name))
    assert_same_town(quick, slow)
    assert_same_town(pickle.loads(pickle.dumps(again)), slow)


def test_a_sound_folder_is_checked_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = write_town(toy_town(), tmp_path / "town")
    assert not is_sound(folder_hash(folder))
    read_town(folder)
    assert is_sound(folder_hash(folder))
    monkeypatch.setattr(town_folder, "_checked", lambda _: pytest.fail("checked again"))
    assert_same_town(read_town(folder), toy_town())


def test_other_checks_look_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = write_town(toy_town(), tmp_path / "town")
    read_town(folder)
    monkeypatch.setattr(sound, "_checks", lambda: "a check more")
    assert not is_sound(folder_hash(folder))


@pytest.mark.parametrize("name", ["edges.parquet", "town.toml"])
def test_a_file_changed_after_it_was_found_sound_is_told(tmp_path: Path, name: str) -> None:
    folder = write_town(toy_town(), tmp_path / "town")
    read_town(folder)
    (folder / name).write_bytes((folder / name).read_bytes() + b"\n")
    with pytest.raises(TableError) as caught:
        read_town(folder)
    assert "file-changed" in caught.value.codes


def test_a_file_added_to_a_sound_folder_is_told(tmp_path: Path) -> None:
    folder = write_town(toy_town(), tmp_path / "town")
    read_town(folder)
    (folder / "more.parquet").write_bytes(b"")
    with pytest.raises(TableError) as caught:
        read_town(folder)
    assert caught.value.codes == ("file-added",)


def test_a_folder_with_a_fault_is_refused_every_time(tmp_path: Path) -> None:
    folder = write_town(toy_town(), tmp_path / "town")
    (folder / "facts.parquet").unlink()
    (folder / "MANIFEST").unlink()
    seal(folder)
    for _ in range(2):
        with pytest.raises(TableError) as caught:
            read_town(folder)
        assert "missing-file" in caught.value.codes
    assert not is_sound(folder_hash(folder))


def test_what_is_decoded_later_is_of_the_folder_that_was_opened(tmp_path: Path) -> None:
    folder = write_town(toy_town(), tmp_path / "town")
    read_town(folder)
    opened = read_town(folder)
    write_town(synthetic_town("borough", people=7_000, seed=1), folder, replace=True)
    assert_same_town(opened, toy_town())


def test_opening_a_sound_folder_loads_neither_frames_nor_shapes(tmp_path: Path) -> None:
    folder = write_town(toy_town(), tmp_path / "town")
    read_town(folder)
    loaded = loaded_after(f"import utopias as u; town = u.read_town({str(folder)!r}); town.fixed; town.demand('all')")
    assert not loaded & {"pandas", "geopandas", "shapely", "pyproj", "scipy", "numba"}


def test_the_list_of_checks_holds_every_file_that_decides_what_a_fault_is() -> None:
    root = Path(sound.__file__).parents[1]
    listed = {file for pattern in sound.CHECKS for file in root.glob(pattern)}
    waiting, met = [root / "territory" / "check.py"], set()
    while waiting:
        file = waiting.pop()
        if file in met:
            continue
        met.add(file)
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("utopias."):
                path = root.parent.joinpath(*node.module.split("."))
                waiting += [one for one in (path.with_suffix(".py"), path / "__init__.py") if one.is_file()]
    assert met <= listed
