"""What may be built where: rules about land as data, and the verdict of each candidate site by them.

A rule says no (excluded) or only if (conditional); whoever breaks none is fit. What is not known is
never fit: a rule that cannot be asked makes the site conditional, and says that nobody knows.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from utopias.domain.errors import Fault, MisalignedError
from utopias.domain.sentences import Sentence

EXCLUDED, CONDITIONAL, FIT = "excluded", "conditional", "fit"
VERDICTS = (EXCLUDED, CONDITIONAL, FIT)  # worst first
RESULTS = (EXCLUDED, CONDITIONAL)
TESTS = ("equals", "one_of", "over", "under")
NOT_KNOWN = "not known"  # the word by which a column of choices says so; an empty cell says it too


@dataclass(frozen=True, slots=True)
class LandTest:
    """One question to one column: ``words`` for equals and one_of, ``number`` for over and under.

    over and under are strict: a plot exactly at the number passes.
    """

    column: str
    test: str
    words: tuple[str, ...] = ()
    number: float | None = None

    def holds(self, value: str | float) -> bool:
        """Whether a known value is what the test asks for."""
        if self.number is None:
            return str(value) in self.words
        return float(value) > self.number if self.test == "over" else float(value) < self.number


@dataclass(frozen=True, slots=True)
class LandRule:
    """One rule. ``result`` : what a site becomes for which ``asks`` holds; ``unless`` : then the rule is silent.

    waiver : what would lift it, by language (es, en, fr); empty where nothing can. source : who says so.
    """

    id: str
    label: Mapping[str, str]
    asks: LandTest
    result: str
    waiver: Mapping[str, str] = field(default_factory=dict)
    unless: LandTest | None = None
    source: str = ""

    @property
    def waivable(self) -> bool:
        return bool(self.waiver)


@dataclass(frozen=True, slots=True)
class Reason:
    """Why one rule speaks of one site. ``found`` : what stands in the column; None where it is not known."""

    rule: str
    result: str
    found: str | float | None


@dataclass(frozen=True, slots=True)
class Screened:
    """One site: its verdict and every reason, in the order of the rules."""

    id: str
    name: str
    reasons: tuple[Reason, ...] = ()

    @property
    def verdict(self) -> str:
        """The worst that any rule says."""
        return next((word for word in RESULTS if any(reason.result == word for reason in self.reasons)), FIT)

    @property
    def decided_by(self) -> Reason | None:
        """The first rule that says the verdict: what is known before what is not; None where it is fit."""
        said = [reason for reason in self.reasons if reason.result == self.verdict]
        return next((reason for reason in said if reason.found is not None), said[0] if said else None)

    @property
    def bans(self) -> tuple[str, ...]:
        """The rules that exclude it."""
        return tuple(reason.rule for reason in self.reasons if reason.result == EXCLUDED)


@dataclass(frozen=True, slots=True)
class Screening:
    """Every candidate site of a town by the same rules. ``waived`` : rules and sites whose bans were lifted by hand.

    A waiver lifts bans only: the site stays conditional, and its reasons go on to be told.
    """

    rules: tuple[LandRule, ...]
    sites: tuple[Screened, ...]
    waived: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        ids = [site.id for site in self.sites]
        known = {rule.id for rule in self.rules}
        faults = []
        if len(set(ids)) != len(ids):
            faults.append(Fault("duplicate-key", "a site is screened twice", mend="give every site its own id"))
        lost = sorted({reason.rule for site in self.sites for reason in site.reasons} - known)
        if lost:
            what = Sentence("{count} reasons name a rule that is not among the rules", count=len(lost))
            faults.append(Fault("unknown-rule", what, count=len(lost), first=lost[0]))
        if faults:
            raise MisalignedError(faults)

    @property
    def excluded(self) -> tuple[str, ...]:
        """Ids of the sites that may not open: excluded, and no waiver lifts every ban of theirs."""
        return self.excluded_without(self.waived)

    def excluded_without(self, waived: Collection[str]) -> tuple[str, ...]:
        """The same when the bans of these rules and sites are lifted, those without a waiver never."""
        lifted = set(waived) & {rule.id for rule in self.rules if rule.waivable}
        named = set(waived)
        return tuple(
            site.id
            for site in self.sites
            if site.bans and not set(site.bans) <= lifted and not (site.id in named and self.can_be_waived(site))
        )

    def can_be_waived(self, site: Screened) -> bool:
        """Whether every rule that excludes the site can be lifted."""
        waivable = {rule.id for rule in self.rules if rule.waivable}
        return bool(site.bans) and set(site.bans) <= waivable

    def count(self, verdict: str) -> int:
        """How many sites have this verdict."""
        return sum(site.verdict == verdict for site in self.sites)

    def by_rule(self) -> tuple[tuple[LandRule, int, int], ...]:
        """Each rule that speaks of any site: how many break it, and of how many nobody knows."""
        said = [(reason.rule, reason.found is not None) for site in self.sites for reason in site.reasons]
        told = ((rule, said.count((rule.id, True)), said.count((rule.id, False))) for rule in self.rules)
        return tuple((rule, broken, unknown) for rule, broken, unknown in told if broken or unknown)

    def rule(self, id: str) -> LandRule:
        """The rule of this id."""
        return next(rule for rule in self.rules if rule.id == id)

    def __getitem__(self, id: str) -> Screened:
        return next(site for site in self.sites if site.id == id)

    def to_json(self) -> dict[str, Any]:
        """Counts, rules, and each site with its verdict, what decided it, and every reason."""
        return {
            "counts": {verdict: self.count(verdict) for verdict in VERDICTS},
            "waived": list(self.waived),
            "rules": [asdict(rule) for rule in self.rules],
            "sites": [
                {
                    "id": site.id,
                    "name": site.name,
                    "verdict": site.verdict,
                    "decided_by": None if site.decided_by is None else asdict(site.decided_by),
                    "reasons": [asdict(reason) for reason in site.reasons],
                }
                for site in self.sites
            ],
        }


@dataclass(frozen=True, slots=True)
class Waiver:
    """What the plan would gain if one ban were lifted: that of a rule everywhere, or every ban of one site.

    kind : "rule" or "site"; id : of it. sites : whose way into a plan it would clear.
    gain : in the unit of the plan's aim, 0 or more; None: not known (a budget, and nobody knows what the site costs).
    at_most : no plan gains more than this; equal to ``gain`` where that is proven.
    opens : every new site of the best plan then.
    """

    kind: str
    id: str
    name: str
    sites: tuple[str, ...]
    gain: float | None
    at_most: float | None
    opens: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Land:
    """The land of a plan: how every candidate was screened, and what waivers would gain, the largest first.

    waivers : None until they were reckoned, or where the reckoning was stopped.
    """

    screening: Screening
    waivers: tuple[Waiver, ...] | None = None


@dataclass(frozen=True, slots=True)
class JointSite:
    """Adjoining plots that together may be one site. ``declared`` : the town's own word (site_group) joins them."""

    id: str
    name: str
    members: tuple[str, ...]
    area_m2: float
    declared: bool = False
