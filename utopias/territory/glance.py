"""What a command line may name of a town, out of its folder, before the town itself is read.

A slip in a name is told at once, beside the other slips of the line, and not after minutes of reading. Nothing is
checked here: what cannot be read is None, and ``read_town`` says what is wrong with it.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from utopias.domain.errors import UtopiasError
from utopias.territory.town_toml import NAME, read_words


def groups_of(folder: Path) -> dict[str, Mapping[str, str]] | None:
    """Labels by language of every group that the town counts, by id, ``all`` before them; None: not to be read."""
    try:
        words = read_words((folder / NAME).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, UtopiasError):
        return None
    return {"all": {}, **{group.id: group.labels for group in words.groups}}


def services_of(folder: Path) -> list[str] | None:
    """The services that the town's own places give, in order; None: not to be read."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        told = pq.read_table(folder / "modules.parquet", columns=["service"])
    except (OSError, pa.ArrowException, KeyError):
        return None
    return sorted({str(one) for one in told.column("service").to_pylist()})
