"""A prompt, and one toy town and one plan of it that every test may read and none may change."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.prompt import Prompt
from tests.toy import write_toy_files
from utopias.cli.__main__ import run


@pytest.fixture
def prompt(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Prompt:
    return Prompt(capsys, tmp_path)


@pytest.fixture(scope="session")
def toy_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("toy")
    arguments = ["build", "--into", str(folder / "town"), "--name", "Juguete", "--crs", "EPSG:32614"]
    for name, path in write_toy_files(folder / "raw").items():
        arguments += [f"--{name}", str(path)]
    assert run(arguments) == 0
    return folder


@pytest.fixture(scope="session")
def town(toy_folder: Path) -> Path:
    return toy_folder / "town"


@pytest.fixture(scope="session")
def plan(toy_folder: Path, town: Path) -> Path:
    folder = toy_folder / "plan"
    assert run(["site", str(town), "--open", "1", "--draws", "4", "--out", str(folder)]) == 0
    return folder
