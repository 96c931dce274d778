"""The towns that are planned here: the made-up borough of the demonstration, and the centre of São Paulo."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import utopias as u
from cases.spoken import data_folder
from utopias.domain.town import Town

ROOT = Path(__file__).resolve().parents[1]
PEOPLE = 1_835_000  # the borough of the demonstration


def sao_paulo_words() -> list[str]:
    """What ``utopias build`` is told for São Paulo's centre, as on the manual's page; without ``--into``.

    Raises
    ------
    SystemExit : the data pack is not here.
    """
    data, case = data_folder("en") / "sao_paulo", ROOT / "cases" / "sao_paulo"
    said: list[object] = ["--streets", data / "spo_osm.pbf"]
    for table, columns in (("blocks", "columns"), ("units", "units-columns"), ("sites", "sites-columns")):
        said += [f"--{table}", data / "spo_hexgrid.csv", f"--{columns}", case / f"{table}.toml"]
    said += ["--name", "São Paulo, centro", "--crs", "EPSG:31983", "--zone", "America/Sao_Paulo"]
    return [str(word) for word in (*said, "--currency", "BRL")]


def sao_paulo() -> Town:
    """São Paulo's centre, built from the pack by the command line."""
    with TemporaryDirectory() as made:
        folder = Path(made) / "town"
        command = [sys.executable, "-m", "utopias.cli", "build", *sao_paulo_words(), "--into", str(folder)]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"utopias build ended with {done.returncode}: {done.stderr.strip()[-500:]}")
        return u.read_town(folder)
