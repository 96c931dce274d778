"""Where the tests find real data: $UTOPIAS_SHARED_DATA, or the folder ``shared/data`` beside the repository."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

BESIDE = Path(__file__).resolve().parents[2] / "shared" / "data"


def shared_data(*parts: str) -> Path:
    """The path of one shared file, e.g. ``shared_data("people", "iztapalapa_limit.geojson")``.

    Skips the calling test, saying which file is missing, where the data is not at hand.
    """
    folder = Path(os.environ.get("UTOPIAS_SHARED_DATA") or BESIDE)
    path = folder.joinpath(*parts)
    if not path.exists():
        pytest.skip(f"no real data here: {'/'.join(parts)} (set UTOPIAS_SHARED_DATA to the data folder)")
    return path
