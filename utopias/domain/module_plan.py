"""Which sites open and what each of them offers, with a certificate: self-contained, so that anybody can recount it.

On disk it is a folder of open formats that needs neither town nor solver.

equip.json           the question's limits and services, value, bound, root_bound, gap, proven, stopped, bundles, certificate
demand.parquet       block_id, multiplier, one column a service (s0, s1, ...): persons of its group
sites.parquet        site_id, name, role, area_m2 (that may be built), cost
offers.parquet       site, service (positions), standing, chosen, places a week (empty: no limit), persons served
pairs.parquet        block, site (positions), cost (deciseconds)
served.parquet       block, service, site, persons: who is served where
multipliers.parquet  one column a service: the root bound can be recounted from them
MANIFEST             sha256 of each file
"""

from __future__ import annotations

import json
import platform
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from utopias.domain.arrays import Floats, frozen
from utopias.domain.errors import Fault, MisalignedError, UtopiasError, VerificationError
from utopias.domain.folders import manifest_faults, settled, whole_folder
from utopias.domain.module_question import ModuleQuestion, ServiceQuestion
from utopias.domain.plan import Certificate
from utopias.domain.sentences import Sentence
from utopias.domain.study_folder import write_table
from utopias.domain.versions import VERSION

if TYPE_CHECKING:
    import pandas as pd

FORMAT = 1
KIND = "equip.json"


@dataclass(frozen=True, eq=False)
class ModulePlan:
    """An answer to a question of sites and services, and how good it is.

    bundles : services (positions, ascending) of each NEW site, by site, in the order of sites.
    served : rows block, service, site (positions), persons: who is served where; split where a place runs out.
    value : of all that is open, importance times persons (times the multiplier); before : of the fixed sites alone.
    bound : no plan passes it. root_bound : that of the multipliers. gap : (bound - value) / max(value, 1e-9).
    multipliers : (n, k) worth charged for a person; money_prices : for a peso once, a peso a year.
    stopped : "proven", "gap", "clock", "work", "user".
    """

    question: ModuleQuestion
    bundles: dict[int, tuple[int, ...]]
    served: pd.DataFrame
    value: float
    before: float
    bound: float
    root_bound: float
    proven: bool
    stopped: str
    seconds: float
    seed: int
    multipliers: Floats
    money_prices: tuple[float, float]
    certificate: Certificate | None = None

    def __post_init__(self) -> None:
        _, m, k = self.question.shape
        odd = [i for i, services in self.bundles.items() if not 0 <= i < m or not set(services) <= set(range(k))]
        if odd or list(self.bundles) != sorted(self.bundles):
            raise MisalignedError(Fault("bad-sites", "new sites are told ascending, with services of the question"))
        object.__setattr__(self, "multipliers", frozen(np.asarray(self.multipliers, dtype=np.float64)))

    def __repr__(self) -> str:
        named = "; ".join(f"{site}: {', '.join(names)}" for site, names in list(self.by_name.items())[:4])
        more = "; …" if len(self.bundles) > 4 else ""
        proof = "proven" if self.proven else f"stopped by {self.stopped}"
        return (
            f"<ModulePlan opens {named or 'nothing'}{more}; value {self.value:,.9g}, bound {self.bound:,.9g}, "
            f"gap {self.gap:.3%}, {proof}>"
        )

    @property
    def gap(self) -> float:
        return abs(self.bound - self.value) / max(abs(self.value), 1e-9)

    @property
    def sites(self) -> tuple[int, ...]:
        """The NEW sites, ascending."""
        return tuple(self.bundles)

    @property
    def by_name(self) -> dict[str, list[str]]:
        """The names of the services by the id of each new site."""
        names = [service.name for service in self.question.services]
        return {self.question.id_of(i): [names[s] for s in bundle] for i, bundle in self.bundles.items()}

    @property
    def spent(self) -> float:
        """Money once."""
        return sum(self.question.money_of(i, bundle) for i, bundle in self.bundles.items())

    @property
    def yearly(self) -> float:
        """Money a year."""
        return sum(self.question.upkeep_of(bundle) for bundle in self.bundles.values())

    @property
    def persons(self) -> Floats:
        """(m, k) persons served by each service at each site, fixed ones too."""
        _, m, k = self.question.shape
        table = self.served
        counted = np.bincount(
            table["site"].to_numpy(dtype=np.int64) * k + table["service"].to_numpy(dtype=np.int64),
            weights=table["persons"].to_numpy(dtype=np.float64),
            minlength=m * k,
        )
        table_of: Floats = counted.astype(np.float64).reshape(m, k)
        return table_of

    def with_(self, **changes: Any) -> ModulePlan:
        """A copy with some fields changed."""
        return replace(self, **changes)

    def save(self, folder: str | Path, *, replace: bool = False) -> Path:
        """Write the plan folder, whole or not at all; over an existing one only with ``replace``."""
        import pandas as pd

        target, question = Path(folder), self.question
        n, m, k = question.shape
        roles = np.full(m, "candidate", dtype=object)
        roles[list(question.fixed)] = "fixed"
        chosen = np.zeros((m, k), dtype=bool)
        for i, bundle in self.bundles.items():
            chosen[i, list(bundle)] = True
        site, service = np.divmod(np.arange(m * k), max(k, 1))
        places = question.places.ravel()
        with whole_folder(target, replace=replace, kind=KIND) as beside:
            text = json.dumps(self._said(), ensure_ascii=False, indent=1, allow_nan=False) + "\n"
            (beside / KIND).write_text(text, encoding="utf-8")
            names = list(question.block_ids) if question.block_ids else [str(j) for j in range(n)]
            persons = {f"s{at}": s.persons for at, s in enumerate(question.services)}
            write_table(
                beside / "demand.parquet",
                pd.DataFrame({"block_id": names, "multiplier": question.multiplier, **persons}),
            )
            write_table(
                beside / "sites.parquet",
                pd.DataFrame(
                    {
                        "site_id": [question.id_of(i) for i in range(m)],
                        "name": list(question.site_names) if question.site_names else [""] * m,
                        "role": roles,
                        "area_m2": question.areas,
                        "cost": question.site_costs,
                    }
                ),
            )
            write_table(
                beside / "offers.parquet",
                pd.DataFrame(
                    {
                        "site": site,
                        "service": service,
                        "standing": question.offered.ravel(),
                        "chosen": chosen.ravel(),
                        "places": np.where(np.isinf(places), np.nan, places),
                        "persons": self.persons.ravel(),
                    }
                ),
            )
            pairs = {"block": question.rows.astype(np.int32), "site": question.columns, "cost": question.costs}
            write_table(beside / "pairs.parquet", pd.DataFrame(pairs))
            write_table(beside / "served.parquet", self.served)
            paid = {f"s{at}": self.multipliers[:, at] for at in range(k)}
            write_table(beside / "multipliers.parquet", pd.DataFrame(paid))
        return target

    @classmethod
    def load(cls, folder: str | Path, *, checked: bool = True) -> ModulePlan:
        """Read such a folder; with ``checked=False`` its MANIFEST is not looked at.

        Raises
        ------
        VerificationError : none is there; files are not as the MANIFEST says; or they cannot be read as a plan.
        """
        source = settled(Path(folder))
        if not (source / KIND).is_file():
            what = Sentence("{source} holds no plan of services", source=source)
            raise VerificationError(Fault("no-plan", what, mend="give the folder that --out named"))
        if checked and (faults := manifest_faults(source)):
            raise VerificationError(faults)
        try:
            return cls._read(source)
        except (UtopiasError, KeyError, TypeError, ValueError, AttributeError, IndexError, OSError) as error:
            what = Sentence(
                "the files of {source} cannot be read as a plan ({name}: {error})",
                source=source,
                name=type(error).__name__,
                error=error,
            )
        mend = "take the original folder, or make the plan again"
        raise VerificationError(Fault("malformed", what, str(source), mend))

    @classmethod
    def _read(cls, source: Path) -> ModulePlan:
        import pandas as pd

        said = json.loads((source / KIND).read_text(encoding="utf-8"))
        if said["format"] != FORMAT:
            raise ValueError(f"it is of format {said['format']!r}, this version reads {FORMAT}")
        demand, sites, offers, pairs = (
            pd.read_parquet(source / f"{name}.parquet") for name in ("demand", "sites", "offers", "pairs")
        )
        m, k = len(sites), len(said["services"])
        places = offers["places"].to_numpy(dtype=np.float64)
        asked = said["question"]
        question = ModuleQuestion(
            services=tuple(
                ServiceQuestion(persons=demand[f"s{at}"].to_numpy(dtype=np.float64), **one)
                for at, one in enumerate(said["services"])
            ),
            starts=np.concatenate([[0], np.cumsum(np.bincount(pairs["block"], minlength=len(demand)))]).astype(
                np.int64
            ),
            columns=pairs["site"].to_numpy(dtype=np.int32),
            costs=pairs["cost"].to_numpy(dtype=np.float64),
            areas=sites["area_m2"].to_numpy(dtype=np.float64),
            site_costs=sites["cost"].to_numpy(dtype=np.float64),
            offered=offers["standing"].to_numpy(dtype=bool).reshape(m, k),
            places=np.where(np.isnan(places), np.inf, places).reshape(m, k),
            multiplier=demand["multiplier"].to_numpy(dtype=np.float64),
            site_ids=tuple(sites["site_id"].astype(str)),
            site_names=tuple(sites["name"].astype(str)),
            block_ids=tuple(demand["block_id"].astype(str)),
            unit=said["unit"],
            town=said["town"],
            open=asked["open"],
            budget=asked["budget"],
            upkeep=asked["upkeep"],
            **{name: tuple(asked[name]) for name in _LISTS},
        )
        multipliers = pd.read_parquet(source / "multipliers.parquet")
        return cls(
            question=question,
            bundles={int(site): tuple(services) for site, services in said["bundles"]},
            served=pd.read_parquet(source / "served.parquet"),
            multipliers=multipliers.to_numpy(dtype=np.float64).reshape(len(demand), k),
            money_prices=(said["money_prices"][0], said["money_prices"][1]),
            certificate=None if said["certificate"] is None else Certificate(**said["certificate"]),
            **{name: said[name] for name in _PLAIN},
        )

    def _said(self) -> dict[str, Any]:
        question = self.question
        return {
            "format": FORMAT,
            "question": {name: getattr(question, name) for name in _ASKED},
            "services": [
                {f.name: getattr(service, f.name) for f in fields(ServiceQuestion) if f.name != "persons"}
                for service in question.services
            ],
            **{name: getattr(self, name) for name in _PLAIN},
            "gap": self.gap,
            "spent": self.spent,
            "yearly": self.yearly,
            "bundles": [[int(site), [int(s) for s in bundle]] for site, bundle in self.bundles.items()],
            "by_name": self.by_name,
            "money_prices": list(self.money_prices),
            "certificate": None if self.certificate is None else asdict(self.certificate),
            "unit": question.unit,
            "town": question.town,
            "versions": {"utopias": VERSION, "python": platform.python_version(), "numpy": np.__version__},
        }


_PLAIN = ("value", "before", "bound", "root_bound", "proven", "stopped", "seconds", "seed")
_LISTS = ("fixed", "forced", "forbidden", "must_have")
_ASKED = ("open", "budget", "upkeep", *_LISTS)
