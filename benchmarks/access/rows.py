"""Every row of ``make bench-access`` by name: what is asked, on which ground, and which bar it must keep.

The bars are those of the issue that asked for the engine. To add a row, add a line here; ``--list`` and the manual's
table of rows read it.
"""

from __future__ import annotations

from typing import Any

from benchmarks.access.told import COLUMNS, cells
from benchmarks.rows import LITTLE, Bench, Row, at_least, at_most

SECTIONS = {
    "decision": "Time to a decision",
    "peers": "Beside the peers",
    "growth": "How it grows",
}


def _row(name: str, what: str, section: str, work: str, ground: str = "", cores: int = 1, **options: Any) -> Row:
    little = {LITTLE: ()} if ground else None
    return Row(name, what, section, work, ground, cores, bool(ground), tuple(options.items()), little)


def _decision(name: str, what: str, work: str, **options: Any) -> Row:
    return _row(name, what, "decision", f"decisions:{work}", cores=2, **options)


ROWS = (
    _decision("porto-files", "Porto: files, town, first reach table", "porto_files", bar=at_most(25, 25)),
    _decision("sao-paulo-files", "São Paulo: files, town, first reach table", "sao_paulo_files", bar=at_most(5, 5)),
    _decision("add-unit", "one unit more in the borough of 1.8 million: its catchment, all groups' sums",
              "add_unit", bar=at_most(0.05, 0.005)),
    _decision("move-unit", "one of its units closed and opened elsewhere", "move_unit", bar=at_most(0.05, 0.005)),
    _decision("barrier", "one barrier in the same borough: all figures again", "barrier", bar=at_most(1, 0.2)),
    _decision("footbridge", "one footbridge in the same borough: all figures again", "footbridge",
              bar=at_most(1, 0.2)),
    _decision("mexico-city", "made-up Mexico City: 66,000 blocks to all units and 3,000 sites, 30 min",
              "mexico_city", bar=at_most(10, 3)),
    _decision("fresh", "fresh process, warm cache: import, open the saved borough, people within 15 min",
              "fresh", bar=at_most(0.7, 0.4)),
    _row("porto-1200", "people within 1.2 km of every node", "peers", "walking:sums", "porto",
         metres=1200, bar=at_least(15, 30)),
    _row("porto-400", "people within 400 m of every node", "peers", "walking:sums", "porto",
         metres=400, bar=at_least(7, 15)),
    _row("rows", "sparse rows from 1,000 scattered sites, 1.2 km", "peers", "walking:rows", "porto",
         metres=1200, sites=1000, bar=at_least(12, 25)),
    _row("nearest", "nearest 5 with ids for every node", "peers", "walking:nearest", "porto",
         places=1000, k=5, metres=2400, bar=at_least(18, 40)),
    _row("table", "table of 1,000 x 1,000, no limit", "peers", "walking:table", "porto",
         side=1000, scipy_bar=at_least(60, 200), pandana_bar=at_least(150, 400)),
    _row("edit", "an edit, then the same table", "peers", "walking:edit", "porto", side=1000, bar=at_least(50, 200)),
    _row("e2sfca", "E2SFCA from a finished table, equal within 1e-12", "peers", "shares:enhanced", "porto",
         sites=1000, metres=2400, bar=at_least(200, 400)),
    _row("tiled-400", "people within 400 m of every node", "peers", "walking:tiled_sums",
         "porto x 16", metres=400, copies=4, bar=at_least(7, 15)),
    _row("tiled-1200", "people within 1.2 km of every node", "peers", "walking:tiled_sums",
         "porto x 16", metres=1200, copies=4, bar=at_least(15, 30)),
    _row("scaling", "people within 1.2 km of every node, ours alone, São Paulo to 5 million", "growth",
         "growth:scaling", bar=at_most(1.05, 1.02), bytes_bar=at_most(250, 150)),
    _row("dispatch", "1.2 km around scattered sources: from how many on every node is cheaper", "growth", "growth:dispatch",
         "porto"),
)  # fmt: skip

BENCH = Bench(
    name="access",
    rows=ROWS,
    sections=SECTIONS,
    versions=("numpy", "numba", "scipy", "pandas", "pandana", "access"),
    columns=COLUMNS,
    cells=cells,
    minutes=45,
    ground="grounds:ground_of",
    compared=("decision", "growth"),
)
