"""Which unit is built in which year: a schedule with its certificate, and what it costs to open one after the other.

On disk it is a folder of open formats, as a plan's:

phases.json          aim, within, budgets, number, value, bound, by year, regret, certificate, versions
schedule.parquet     one row a new site: site, place_id, name, works, equipment, opens (budget years), money of both
sites.parquet        one row a site of the problem: works and equipment money, NaN where it is no candidate
multipliers.parquet  one column a serving year, one row a demand place: the root bound can be recounted from it
MANIFEST             sha256 of each file

and, where it was made from a town, the tables of the plan's study beside them.
"""

from __future__ import annotations

import json
import platform
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from utopias.domain.arrays import Floats, frozen
from utopias.domain.budgets import Budgets
from utopias.domain.errors import Fault, MisalignedError, UtopiasError, VerificationError
from utopias.domain.folders import manifest_faults, settled, whole_folder
from utopias.domain.plan import Certificate
from utopias.domain.quantities import Duration
from utopias.domain.sentences import Sentence
from utopias.domain.study import Study
from utopias.domain.study_folder import describe, read_study, write_study, write_table
from utopias.domain.versions import VERSION

if TYPE_CHECKING:
    import pandas as pd

FORMAT = 1


@dataclass(frozen=True, slots=True)
class Regret:
    """What building one after the other costs, in the unit of the aim.

    end : the last year's value of the schedule. best_end, end_bound : the best that as many sites could do if no year
    had a budget: what was found, and what nothing passes; the schedule's own sites where they were given.
    at_once : the sum over all years were the schedule's sites open from the first on. myopic, myopic_sites,
    myopic_end : sum, number of sites, and last year of the plan in which each year takes by itself what saves most.
    """

    end: float
    best_end: float
    end_bound: float
    at_once: float
    myopic: float
    myopic_sites: int
    myopic_end: float


@dataclass(frozen=True, eq=False)
class Phases:
    """New sites with the budget year of their works; equipment is paid, and the unit opens, in the year after.

    sites : indices among the problem's sites, ascending. works : (sites,) the year of each one's works.
    works_money, equip_money : (m,) of every site of the problem; NaN where it is no candidate.
    by_year : (years,) the aim's value in each budget year. people : (years,) persons within the limit, None without a
    study; where the aim weighs nobody they are its value.
    value, bound : sum over the years, each times its weight; bound >= value where more is better, else bound <= value.
    root_bound : recounted from ``multipliers`` (years - 1, n) and ``prices`` (2 years - 1,): of each year's money,
    then of each year's works. ``stopped``, ``proven``, ``gap`` as a plan's.
    """

    aim: str
    within: Duration | None
    budgets: Budgets
    open: int
    sites: tuple[int, ...]
    works: tuple[int, ...]
    fixed: tuple[int, ...]
    forced: tuple[int, ...]
    forbidden: tuple[int, ...]
    beyond: float | None
    works_money: Floats
    equip_money: Floats
    by_year: tuple[float, ...]
    people: tuple[float, ...] | None
    value: float
    bound: float
    root_bound: float
    proven: bool
    seconds: float
    stopped: str
    seed: int
    multipliers: Floats
    prices: Floats
    regret: Regret
    ordered: bool = False
    certificate: Certificate | None = None
    study: Study | None = None

    def __post_init__(self) -> None:
        if list(self.sites) != sorted(set(self.sites)) or len(self.sites) != len(self.works):
            raise MisalignedError(
                Fault("bad-sites", "new sites are told ascending, each once, each with the year of its works")
            )
        for name in ("works_money", "equip_money", "multipliers", "prices"):
            object.__setattr__(self, name, frozen(np.asarray(getattr(self, name), dtype=np.float64)))

    def __repr__(self) -> str:
        began = ", ".join(f"{year}: {self.works.count(year)}" for year in self.budgets.years if year in self.works)
        proof = "proven" if self.proven else f"stopped by {self.stopped}"
        return (
            f"<Phases {self.aim}: {len(self.sites)} sites, works {began}; value {self.value:,.9g}, "
            f"bound {self.bound:,.9g}, gap {self.gap:.3%}, {proof}>"
        )

    @property
    def gap(self) -> float:
        return abs(self.value - self.bound) / max(abs(self.value), 1e-9)

    @property
    def site_ids(self) -> list[str]:
        """The ids of the new sites; their indices as text where there is no study."""
        if self.study is None:
            return [str(i) for i in self.sites]
        ids: list[str] = self.study.places["place_id"].iloc[list(self.sites)].astype(str).tolist()
        return ids

    @property
    def schedule(self) -> pd.DataFrame:
        """One row a new site, by year of works, then site: site, place_id, name, works, equipment, opens, both moneys."""
        import pandas as pd

        works = np.array(self.works, dtype=np.int64)
        at = list(self.sites)
        names = self.site_ids if self.study is None else self.study.places["name"].iloc[at].astype(str).tolist()
        table = pd.DataFrame(
            {
                "site": np.array(at, dtype=np.int64),
                "place_id": self.site_ids,
                "name": names,
                "works": works,
                "equipment": works + 1,
                "opens": works + 1,
                "works_money": self.works_money[at],
                "equip_money": self.equip_money[at],
            }
        )
        return table.sort_values(["works", "site"], kind="stable").reset_index(drop=True)

    @property
    def table(self) -> pd.DataFrame:
        """One row a budget year: year, money, works, equipment (their number), works_money, equip_money, left (not
        spent; with carry-over what goes on), opened, open (new units so far), value, people."""
        import pandas as pd

        schedule, years = self.schedule, list(self.budgets.years)
        by_works, by_equip = schedule.groupby("works"), schedule.groupby("equipment")
        table = pd.DataFrame({"year": years, "money": self.budgets.money})
        table["works"] = by_works.size().reindex(years, fill_value=0).to_numpy()
        table["works_money"] = by_works["works_money"].sum().reindex(years, fill_value=0.0).to_numpy()
        table["equipment"] = by_equip.size().reindex(years, fill_value=0).to_numpy()
        table["equip_money"] = by_equip["equip_money"].sum().reindex(years, fill_value=0.0).to_numpy()
        left = table["money"] - table["works_money"] - table["equip_money"]
        left = left.cumsum() if self.budgets.carry_over else left
        table["left"] = left.where(left.abs() > 1e-9 * max(self.budgets.money), 0.0)  # sums of prices end in dust
        table["open"] = table["equipment"].cumsum()
        table["value"] = self.by_year
        table["people"] = np.nan if self.people is None else self.people
        return table

    def with_(self, **changes: Any) -> Phases:
        """A copy with some fields changed."""
        return replace(self, **changes)

    def save(self, folder: str | Path, *, replace: bool = False) -> Path:
        """Write the folder, whole or not at all; over an existing one only with ``replace``."""
        import pandas as pd

        target = Path(folder)
        with whole_folder(target, replace=replace, kind="phases.json") as beside:
            said = json.dumps(self._said(), ensure_ascii=False, indent=1, allow_nan=False)
            (beside / "phases.json").write_text(said + "\n", encoding="utf-8")
            write_table(beside / "schedule.parquet", self.schedule)
            money = pd.DataFrame({"works_money": self.works_money, "equip_money": self.equip_money})
            write_table(beside / "sites.parquet", money)
            years = [str(year) for year in self.budgets.years[1:]]
            write_table(beside / "multipliers.parquet", pd.DataFrame(self.multipliers.T, columns=years))
            if self.study is not None:
                write_study(self.study, beside)
        return target

    @classmethod
    def load(cls, folder: str | Path) -> Phases:
        """Read a folder of phases.

        Raises
        ------
        VerificationError : none is there, its files are not as the MANIFEST says, or cannot be read as one.
        """
        source = settled(Path(folder))
        if not (source / "phases.json").is_file():
            raise VerificationError(
                Fault(
                    "no-phases",
                    Sentence("{source} is not a folder of phases", source=source),
                    mend="give the folder that --out of utopias phase named",
                )
            )
        if faults := manifest_faults(source):
            raise VerificationError(faults)
        try:
            return cls._read(source)
        except (UtopiasError, KeyError, TypeError, ValueError, AttributeError, IndexError, OSError) as error:
            what = Sentence(
                "the files of {source} cannot be read as phases ({name}: {error})",
                source=source,
                name=type(error).__name__,
                error=error,
            )
        raise VerificationError(
            Fault("malformed", what, str(source), "take the original folder, or make the phases again")
        )

    @classmethod
    def _read(cls, source: Path) -> Phases:
        import pandas as pd

        said = json.loads((source / "phases.json").read_text(encoding="utf-8"))
        if said.pop("format") != FORMAT:
            raise ValueError(f"this version reads format {FORMAT}")
        money = pd.read_parquet(source / "sites.parquet")
        schedule = pd.read_parquet(source / "schedule.parquet").sort_values("site")
        told: dict[str, Any] = {name: said[name] for name in _PLAIN}
        told |= {name: tuple(said[name]) for name in ("fixed", "forced", "forbidden", "by_year")}
        budgets: dict[str, Any] = said["budgets"]
        budgets |= {name: tuple(budgets[name]) for name in ("years", "money")}
        return cls(
            **told,
            within=None if said["within"] is None else Duration.of(said["within"]),
            budgets=Budgets(**budgets),
            sites=tuple(schedule["site"].astype(int).tolist()),
            works=tuple(schedule["works"].astype(int).tolist()),
            works_money=money["works_money"].to_numpy(dtype=float),
            equip_money=money["equip_money"].to_numpy(dtype=float),
            people=None if said["people"] is None else tuple(said["people"]),
            multipliers=pd.read_parquet(source / "multipliers.parquet").to_numpy(dtype=float).T,
            prices=np.array(said["prices"], dtype=float),
            regret=Regret(**said["regret"]),
            certificate=None if said["certificate"] is None else Certificate(**said["certificate"]),
            study=None if said["study"] is None else read_study(source, said["study"]),
        )

    def _said(self) -> dict[str, Any]:
        return {
            "format": FORMAT,
            **{name: getattr(self, name) for name in _PLAIN},
            "within": None if self.within is None else f"{self.within.seconds:g} s",
            "budgets": {key: list(value) if isinstance(value, tuple) else value for key, value in asdict(self.budgets).items()},
            "gap": self.gap,
            **{name: [int(i) for i in getattr(self, name)] for name in ("sites", "works", "fixed", "forced", "forbidden")},
            "site_ids": self.site_ids,
            "by_year": list(self.by_year),
            "people": None if self.people is None else list(self.people),
            "prices": self.prices.tolist(),
            "regret": asdict(self.regret),
            "certificate": None if self.certificate is None else asdict(self.certificate),
            "study": None if self.study is None else describe(self.study),
            "versions": {"utopias": VERSION, "python": platform.python_version(), "numpy": np.__version__},
        }  # fmt: skip


_PLAIN = ("aim", "open", "beyond", "value", "bound", "root_bound", "proven", "seconds", "stopped", "seed", "ordered")
