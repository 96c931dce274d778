"""Which sites to open, with a certificate: self-contained, so that anybody can recount it.

On disk it is a folder of open formats that needs neither town nor solver.

plan.json            aim, terms, within, open, budget, seed, value, bound, root_bound, gap, proven, stopped,
                     sites, fixed, forced, forbidden, beyond, ties, ids, town, certificate, versions
demand.parquet       the study's blocks, one row a demand place
places.parquet       fixed units, candidates, providers, in the problem's order
modules.parquet      services and capacities
times.parquet        block, place (positions), deciseconds: stored zeros are zeros
status.parquet       whether each block and place is attached to the network
multipliers.parquet  one number a demand place: the root bound can be recounted from it
assignment.parquet   which open site serves each demand place
flows.parquet        where places fill up: demand place, site, persons
outlines.parquet     one row a ring: block outlines and base map, for maps only
findings.json        what the report says
robustness.json      the draws
MANIFEST             sha256 of each file
"""

from __future__ import annotations

import json
import platform
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from utopias.domain.aim import TERMS, Aim
from utopias.domain.arrays import Floats, Ints, Longs, frozen
from utopias.domain.errors import Fault, MisalignedError, UtopiasError, VerificationError
from utopias.domain.findings import Findings, remake
from utopias.domain.folders import manifest_faults, no_plan_there, settled, whole_folder
from utopias.domain.quantities import Duration
from utopias.domain.robustness import Robustness
from utopias.domain.sentences import Sentence
from utopias.domain.study import Study
from utopias.domain.study_folder import describe, read_study, write_study, write_table
from utopias.domain.versions import VERSION

FORMAT = 1


@dataclass(frozen=True, slots=True)
class Certificate:
    """What a recount of the plan from the problem alone, without the solver, found.

    value, bound : recounted; ``bound`` is the root bound from the multipliers.
    checks : name of each check -> whether it held.
    """

    value: float
    bound: float
    checks: dict[str, bool]

    @property
    def holds(self) -> bool:
        return all(self.checks.values())


@dataclass(frozen=True, eq=False)
class Flows:
    """Who goes where when places fill up: (k,) demand place, site and persons, by place, then as the rows stand."""

    places: Longs
    sites: Longs
    persons: Floats

    def main(self, places: int) -> Ints:
        """(places,) the site that serves most of each; -1 where none serves anybody; ties to the first."""
        main = np.full(places, -1, dtype=np.int32)
        order = np.lexsort((-np.arange(len(self.places)), self.persons, self.places))
        main[self.places[order]] = self.sites[order]
        return main


@dataclass(frozen=True, eq=False)
class Plan:
    """An answer to a siting problem, and how good it is.

    sites : indices of the NEW sites among the problem's sites, ascending. fixed : those given.
    assignment : (n,) the open site that serves each demand place, -1 where none does.
    value, bound : of the aim, in its unit; bound >= value where more is better, else bound <= value.
    terms : of the aim, all of them (see ``domain.aim``), and what they came to where the problem decides it.
    flows : who goes where, for a plan whose places fill up; ``assignment`` then says where most of them go.
    gap : |value - bound| / max(|value|, 1e-9). proven : within the model, no plan is better.
    stopped : why the search ended: "proven", "gap", "clock", "work", "user", "by hand".
    multipliers : (n,) of the root bound, so that it can be recounted; empty for a plan by hand.
    forced, forbidden : what the question demanded or ruled out, by index; without them no recount can
        check that the rules were kept. beyond : what a demand that no open site reaches was charged, in
        the unit of the costs (deciseconds, where the plan carries a study); None: the limit of its times.
    ties : other choices of the same value that were met; of all these the fairer was kept.
    certificate : the recount; None only for a plan proposed by hand before its recount.
    """

    aim: str
    sites: tuple[int, ...]
    fixed: tuple[int, ...]
    assignment: Ints
    value: float
    bound: float
    proven: bool
    seconds: float
    stopped: str
    seed: int
    within: Duration | None
    open: int | None
    budget: float | None
    multipliers: Floats
    root_bound: float
    certificate: Certificate | None = None
    study: Study | None = None
    robustness: Robustness | None = None
    findings: Findings | None = None
    forced: tuple[int, ...] = ()
    forbidden: tuple[int, ...] = ()
    beyond: float | None = None
    terms: dict[str, Any] = field(default_factory=dict)
    flows: Flows | None = None
    single_source: bool = False
    ties: int = 0

    def __post_init__(self) -> None:
        if self.aim not in TERMS:
            raise MisalignedError(
                Fault("unknown-aim", Sentence("{aim!r} is none of {listed}", aim=self.aim, listed=", ".join(TERMS)))
            )
        if list(self.sites) != sorted(set(self.sites)):
            raise MisalignedError(Fault("bad-sites", "new sites are told ascending, each once"))
        object.__setattr__(self, "assignment", frozen(np.asarray(self.assignment, dtype=np.int32)))
        object.__setattr__(self, "multipliers", frozen(np.asarray(self.multipliers, dtype=np.float64)))

    def __repr__(self) -> str:
        within = "" if self.within is None else f" within {self.within.minutes:g} min"
        proof = "proven" if self.proven else f"stopped by {self.stopped}"
        named = ", ".join(self.site_ids[:8]) + (", …" if len(self.sites) > 8 else "")
        return (
            f"<Plan {self.aim}{within}: opens {named or 'nothing'}; "
            f"value {self.value:,.9g}, bound {self.bound:,.9g}, gap {self.gap:.3%}, {proof}>"
        )

    @property
    def asked(self) -> Aim:
        """The aim with its terms, as it can be asked again."""
        return Aim(self.aim, {name: self.terms[name] for name in TERMS[self.aim] if name in self.terms})

    @property
    def gap(self) -> float:
        return abs(self.value - self.bound) / max(abs(self.value), 1e-9)

    @property
    def undrawn(self) -> str:
        """Why no draw can say how it stands: "end-of-table" (the longest walk is none, and every choice as good); else ""."""
        if self.aim not in ("smallest-worst", "worst-first") or self.beyond is None:
            return ""
        unit = 1.0 if self.study is None else 600.0  # deciseconds a minute, as the charge is told
        return "end-of-table" if self.value * unit >= self.beyond * (1 - 1e-9) else ""

    @property
    def site_ids(self) -> list[str]:
        """The ids of the new sites; their indices as text where the plan carries no study."""
        if self.study is None:
            return [str(i) for i in self.sites]
        ids: list[str] = self.study.places["place_id"].iloc[list(self.sites)].astype(str).tolist()
        return ids

    @property
    def weighted_by(self) -> str:
        """The index that multiplied people in the aim ("need"); "" where each counts as one, or no study tells."""
        return "" if self.study is None else str(self.study.town.get("weighted_by") or "")

    def with_(self, **changes: Any) -> Plan:
        """A copy with some fields changed."""
        return replace(self, **changes)

    def save(self, folder: str | Path, *, replace: bool = False) -> Path:
        """Write the plan folder, whole or not at all; over an existing plan only with ``replace``."""
        import pandas as pd

        target = Path(folder)
        with whole_folder(target, replace=replace, kind="plan.json") as beside:
            _write_json(beside / "plan.json", self._said())
            write_table(beside / "multipliers.parquet", pd.DataFrame({"multiplier": self.multipliers}))
            write_table(beside / "assignment.parquet", pd.DataFrame({"site": self.assignment}))
            if self.flows is not None:
                columns = {"place": self.flows.places, "site": self.flows.sites, "persons": self.flows.persons}
                write_table(beside / "flows.parquet", pd.DataFrame(columns))
            if self.findings is not None:
                _write_json(beside / "findings.json", self.findings.to_json())
            if self.robustness is not None:
                _write_json(beside / "robustness.json", asdict(self.robustness))
            if self.study is not None:
                write_study(self.study, beside)
        return target

    @classmethod
    def load(cls, folder: str | Path, *, checked: bool = True) -> Plan:
        """Read a plan folder.

        With ``checked=False`` its MANIFEST is not looked at: for ``verify``, which does that itself.

        Raises
        ------
        VerificationError : no plan is there; files are not as the MANIFEST says, all are named; or they are,
            and still cannot be read as a plan (``malformed``), or only by another version.
        """
        source = settled(Path(folder))
        if not (source / "plan.json").is_file():
            raise VerificationError(no_plan_there(source))
        faults = manifest_faults(source) if checked else []
        if faults:
            raise VerificationError(faults)
        try:
            return cls._read(source)
        except UtopiasError as error:
            what = Sentence(
                "the files of {source} contradict each other: {what}", source=source, what=error.faults[0].what
            )
        except (KeyError, TypeError, ValueError, AttributeError, IndexError, OSError) as error:
            what = Sentence(
                "the files of {source} cannot be read as a plan ({name}: {error})",
                source=source,
                name=type(error).__name__,
                error=error,
            )
        raise VerificationError(
            Fault("malformed", what, str(source), "take the original folder, or make the plan again")
        )

    @classmethod
    def _read(cls, source: Path) -> Plan:
        import pandas as pd

        said = json.loads((source / "plan.json").read_text(encoding="utf-8"))
        if said["format"] != FORMAT:
            raise ValueError(f"it is of format {said['format']!r}, this version reads {FORMAT}")
        return cls(
            aim=said["aim"],
            sites=tuple(said["sites"]),
            fixed=tuple(said["fixed"]),
            assignment=pd.read_parquet(source / "assignment.parquet")["site"].to_numpy(dtype=np.int32),
            value=said["value"],
            bound=said["bound"],
            proven=said["proven"],
            seconds=said["seconds"],
            stopped=said["stopped"],
            seed=said["seed"],
            within=None if said["within"] is None else Duration.of(said["within"]),
            open=said["open"],
            budget=said["budget"],
            multipliers=pd.read_parquet(source / "multipliers.parquet")["multiplier"].to_numpy(dtype=float),
            root_bound=said["root_bound"],
            certificate=None if said["certificate"] is None else Certificate(**said["certificate"]),
            study=None if said["study"] is None else read_study(source, said["study"]),
            robustness=_json_as(source / "robustness.json", Robustness),
            findings=_json_as(source / "findings.json", Findings),
            forced=tuple(said.get("forced", ())),
            forbidden=tuple(said.get("forbidden", ())),
            beyond=said.get("beyond"),
            terms=said.get("terms", {}),
            flows=_flows(source / "flows.parquet"),
            single_source=said.get("single_source", False),
            ties=said.get("ties", 0),
        )

    def _said(self) -> dict[str, Any]:
        import pandas as pd

        return {
            "format": FORMAT,
            "aim": self.aim,
            "within": None if self.within is None else f"{self.within.seconds:g} s",
            "open": self.open,
            "budget": self.budget,
            "seed": self.seed,
            "value": self.value,
            "bound": self.bound,
            "root_bound": self.root_bound,
            "gap": self.gap,
            "proven": self.proven,
            "stopped": self.stopped,
            "seconds": self.seconds,
            "sites": [int(i) for i in self.sites],
            "fixed": [int(i) for i in self.fixed],
            "forced": [int(i) for i in self.forced],
            "forbidden": [int(i) for i in self.forbidden],
            "beyond": self.beyond,
            "terms": self.terms,
            "single_source": self.single_source,
            "ties": self.ties,
            "site_ids": self.site_ids,
            "certificate": None if self.certificate is None else asdict(self.certificate),
            "study": None if self.study is None else describe(self.study),
            "versions": {
                "utopias": VERSION,
                "python": platform.python_version(),
                "numpy": np.__version__,
                "pandas": pd.__version__,
            },
        }


def _write_json(path: Path, data: dict[str, Any]) -> None:
    path.write_text(json.dumps(data, ensure_ascii=False, indent=1, allow_nan=False) + "\n", encoding="utf-8")


def _flows(path: Path) -> Flows | None:
    if not path.exists():
        return None
    import pandas as pd

    read = pd.read_parquet(path)
    return Flows(
        read["place"].to_numpy(np.int64), read["site"].to_numpy(np.int64), read["persons"].to_numpy(np.float64)
    )


def _json_as(path: Path, kind: Any) -> Any:
    return remake(kind, json.loads(path.read_text(encoding="utf-8"))) if path.exists() else None
