"""Users counted at units: a table of two columns, place_id and users."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from utopias.domain.errors import Fault, TableError
from utopias.domain.sentences import Sentence


def read_counts(path: str | Path) -> dict[str, float]:
    """Users by place id.

    Raises
    ------
    TableError : no such file or columns; a place told twice; users that are not numbers of 0 or more: all at once.
    """
    import pandas as pd

    source = Path(path)
    try:
        table = pd.read_csv(source, encoding="utf-8-sig", dtype=str)
    except (OSError, ValueError) as error:
        raise TableError(
            Fault(
                "no-counts",
                Sentence("{file} cannot be read ({error})", file=source.name, error=error),
                str(source),
                "give a .csv with place_id and users",
            )
        ) from error
    if not {"place_id", "users"} <= set(table.columns):
        raise TableError(
            Fault(
                "no-counts",
                Sentence("{file} has not the columns place_id and users", file=source.name),
                str(source),
                "give a .csv with place_id and users",
            )
        )
    users = pd.to_numeric(table["users"], errors="coerce").to_numpy(dtype=np.float64)
    bad = ~(users >= 0) | ~np.isfinite(users)
    twice = table["place_id"].duplicated().to_numpy()
    faults = []
    for code, wrong, said in (
        ("bad-users", bad, Sentence("users that are not numbers of 0 or more")),
        ("duplicate-key", twice, Sentence("a place that was told before")),
    ):
        if wrong.any():
            faults.append(
                Fault(
                    code,
                    Sentence("{count} rows of {file} have {said}", count=int(wrong.sum()), file=source.name, said=said),
                    str(source),
                    "mend the counts at their source",
                    count=int(wrong.sum()),
                    first=str(table["place_id"].iloc[int(np.flatnonzero(wrong)[0])]),
                )
            )
    if faults:
        raise TableError(faults)
    return dict(zip(table["place_id"].astype(str), users.tolist(), strict=True))
