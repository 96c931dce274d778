"""Every row of ``make bench-siting`` by name: what is asked, and which bar its answer must keep.

The bars are those of the issue that asked for the engine: "bar" is the least, "aim" what is hoped for. To add a row, add a line
here; ``--list``, the little run of CI and the manual's table of rows read it.
"""

from __future__ import annotations

from typing import Any

from benchmarks.rounds import Bar
from benchmarks.rows import LITTLE, SLOW, Bench, Options, Row, at_least, at_most
from benchmarks.siting.told import COLUMNS, cells

SECTIONS = {
    "decision": "Time to a decision about sites",
    "published": "Published instances",
    "peers": "Beside spopt with HiGHS",
    "size": "At the size of a city",
}
NO_BAR = float("inf")  # only an aim
MEDIANS, CENTRES = "p_median_optima.txt", "p_center_optima.txt"


def _row(
    name: str,
    what: str,
    section: str,
    work: str,
    *,
    needs: tuple[str, ...] = (),
    little: dict[str, Any] | None = None,
    slow: dict[str, Any] | None = None,
    **options: Any,
) -> Row:
    variants: dict[str, Options] = {}
    if little is not None:
        variants[LITTLE] = tuple(little.items())
    if slow is not None:
        variants[SLOW] = tuple(slow.items())
    return Row(name, what, section, work, machine=True, options=tuple(options.items()), variants=variants, needs=needs)


def _both(name: str, what: str, work: str, *, needs: tuple[str, ...] = (), **options: Any) -> tuple[Row, Row]:
    """The same question to the borough and to São Paulo; the little run asks a small borough."""
    borough = _row(
        f"borough-{name}", f"{what}, made-up borough", "decision", f"decisions:{work}", needs=needs,
        little={"people": 200_000}, town="borough", **options,
    )  # fmt: skip
    sao_paulo = _row(
        f"sao-paulo-{name}", f"{what}, São Paulo's centre", "decision", f"decisions:{work}", needs=needs,
        town="sao-paulo", **options,
    )  # fmt: skip
    return borough, sao_paulo


def aim_at_most(aim: float) -> Bar:
    return at_most(NO_BAR, aim)


def aim_at_least(aim: float) -> Bar:
    return at_least(-NO_BAR, aim)


ROWS = (
    _row("main-job", "the whole pipe, files to pages, made-up borough", "decision", "decisions:main_job"),
    *_both("five-more", "five more with 100 draws", "five_more", bar=at_most(15, 15)),
    *_both("improve", "first better choice from a half-made plan", "suggestion", needs=("improve",), bar=at_most(1, 1)),
    *_both("explain", "the reasons of all sites", "explanation", bar=at_most(5, 5)),
    *_both("alternatives", "ten alternatives", "ten_others", bar=at_most(1, 1)),
    *_both("trade-off", "trade-off curve of 7 points", "trade_off", needs=("trade_off",),
           bar=at_most(60, 60)),
    _row("pmed-median", "OR-Library pmed as p-median, to the published optima", "published", "medians:or_library_rows",
         aim="least-walk", file=MEDIANS, bar=at_most(4, 1.5)),
    _row("pmed-center", "OR-Library pmed as p-center, to the published optima", "published", "medians:or_library_rows",
         needs=("aim smallest-worst",), aim="smallest-worst", file=CENTRES, bar=at_most(15, 7)),
    _row("tsplib", "TSPLIB rl1304 and fl1400, nine p each", "published", "medians:points",
         names=("rl1304", "fl1400"), limit=60.0, bound_bar=at_least(18, 18), proven_bar=at_least(14, 18)),
    _row("mclp-5000", "most people covered", "peers", "covering:beside_spopt",
         little={"demand": 500, "sites": 100, "open": 10}, demand=5000, sites=200, open=15, bar=at_least(60, 100)),
    _row("lscp-5000", "the fewest sites that cover everybody", "peers", "covering:fewest_beside_spopt",
         needs=("aim cover-all",), little={"demand": 500, "sites": 100}, demand=5000, sites=200, bar=at_least(15, 30)),
    _row("pmedian-5000", "least walking, proven", "peers", "medians:p_median",
         little={"demand": 500, "sites": 100, "open": 10, "peer": 60.0}, slow={"peer": 300.0},
         demand=5000, sites=200, open=15, bar=at_most(0.6, 0.3)),
    _row("pcenter-500", "smallest worst walk, proven", "peers", "medians:p_center",
         needs=("aim smallest-worst",), little={}, demand=500, sites=100, open=10, bar=at_most(0.5, 0.3)),
    _row("fair-5000", "Kolm-Pollak walk beside least walking", "peers", "medians:fair_beside_median",
         needs=("aim fair-walk",), little={"demand": 500, "sites": 100, "open": 10},
         demand=5000, sites=200, open=15, bar=at_most(2, 1.2)),
    _row("mclp-10-million", "most customers covered, given as points", "size", "covering:large",
         needs=("Problem.from_points",), little={"customers": 100_000, "radii": (5.5,), "opens": (10,)},
         customers=10_000_000, radii=(5.5, 5.75, 6.0, 6.25), opens=(10, 15, 20),
         bar=at_least(10, 12), aim_bar=aim_at_least(12), peak_bar=at_most(1024, 1024)),
    _row("mclp-20000", "most people covered", "size", "covering:hard",
         demand=20_000, sites=500, open=20, short=20.0, long=300.0, bar=at_most(0.4, 0.4), aim_bar=aim_at_most(300)),
    _row("mclp-66000", "most people covered, a whole city", "size", "covering:whole_city",
         little={"demand": 3000, "sites": 150, "open": 5, "short": 1.0, "long": 1.0},
         demand=66_000, sites=3000, open=50, short=15.0, long=120.0,
         plan_bar=at_most(0.5, 0.5), bar=at_most(1.8, 1.8), aim_bar=aim_at_most(1), peak_bar=at_most(1024, 1024)),
    _row("pmedian-20000", "least walking", "size", "medians:p_median_large",
         demand=20_000, sites=500, open=20, short=5.0, long=60.0, bar=at_most(1, 1), aim_bar=aim_at_most(60)),
    _row("phasing", "100 units in six years", "size", "phasing:phased", needs=("phase",),
         little={"demand": 500, "sites": 60, "units": 12, "seconds": 2.0},
         demand=8000, sites=500, units=100, seconds=120.0, bar=at_most(3, 1)),
)  # fmt: skip

BENCH = Bench(
    name="siting",
    rows=ROWS,
    sections=SECTIONS,
    versions=("numpy", "numba", "scipy", "spopt", "highspy"),
    columns=COLUMNS,
    cells=cells,
    minutes=60,
    compared=tuple(SECTIONS),
)
