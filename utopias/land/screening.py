"""The verdict of every candidate plot: each rule asked of each site, and what nobody knows said as such."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from utopias.domain.errors import Fault, ProblemError
from utopias.domain.land import CONDITIONAL, NOT_KNOWN, LandRule, LandTest, Reason, Screened, Screening
from utopias.domain.places import Places
from utopias.domain.sentences import Sentence
from utopias.domain.tables import own_columns
from utopias.domain.town import Town
from utopias.land.rules import read_rules

if TYPE_CHECKING:
    import pandas as pd

LAND_COLUMNS = tuple(column.name for column in own_columns("sites") if column.name != "site_group")


def screen(town: Town | Places, rules: Sequence[LandRule] | None = None, *, waived: Sequence[str] = ()) -> Screening:
    """Judge every candidate site by its land.

    Parameters
    ----------
    town : its sites are judged; or the sites themselves.
    rules : None takes those shipped with this program.
    waived : ids of rules or of sites whose bans are lifted.

    Returns
    -------
    Screening, one verdict a site, in the order of the sites. Per rule and site: silent where ``unless``
    holds; else ``conditional`` with nothing found where the column does not say; else the rule's result
    where its test holds.

    Raises
    ------
    ProblemError : ``unknown-waiver`` (neither rule nor site), ``no-waiver`` (a ban that nothing lifts); all at once.
    """
    sites = town.sites if isinstance(town, Town) else town
    asked = tuple(read_rules() if rules is None else rules)
    columns = {test.column for rule in asked for test in (rule.asks, rule.unless) if test is not None}
    cells = {name: _cells(sites.table, name) for name in columns}
    judged = tuple(
        Screened(
            str(key),
            str(name),
            tuple(reason for rule in asked if (reason := _reason(rule, {c: cells[c][i] for c in cells})) is not None),
        )
        for i, (key, name) in enumerate(zip(sites.ids.tolist(), sites.names.tolist(), strict=True))
    )
    found = Screening(asked, judged, tuple(waived))
    _must_be_waivable(found)
    return found


def has_land_facts(town: Town) -> bool:
    """Whether the town says anything of the land of any site; without, there is nothing to judge by."""
    table = town.sites.table
    return any(cell is not None for name in LAND_COLUMNS if name in table.columns for cell in _cells(table, name))


def _reason(rule: LandRule, row: dict[str, str | float | None]) -> Reason | None:
    if rule.unless is not None and _holds(rule.unless, row):
        return None
    found = row[rule.asks.column]
    if found is None:
        return Reason(rule.id, CONDITIONAL, None)
    return Reason(rule.id, rule.result, found) if _holds(rule.asks, row) else None


def _holds(test: LandTest, row: dict[str, str | float | None]) -> bool:
    value = row[test.column]
    return value is not None and test.holds(value)


def _cells(table: pd.DataFrame, name: str) -> list[str | float | None]:
    """(n,) the column, None where it does not say: absent, empty, or "not known"."""
    if name not in table.columns:
        return [None] * len(table)
    cells: list[str | float | None] = []
    for value in table[name].tolist():
        if value is None or (isinstance(value, float) and np.isnan(value)) or str(value).strip() in ("", NOT_KNOWN):
            cells.append(None)
        else:
            cells.append(float(value) if isinstance(value, (int, float)) else str(value))
    return cells


def _must_be_waivable(found: Screening) -> None:
    """Every waiver names a rule or a site, and lifts something that can be lifted."""
    rules, sites = {rule.id: rule for rule in found.rules}, {site.id: site for site in found.sites}
    lost = [key for key in found.waived if key not in rules and key not in sites]
    fast = [
        key
        for key in found.waived
        if (key in rules and not rules[key].waivable)
        or (key not in rules and key in sites and sites[key].bans and not found.can_be_waived(sites[key]))
    ]
    faults = []
    if lost:
        faults.append(
            Fault(
                code="unknown-waiver",
                what=Sentence("{count} waivers name neither a rule nor a site", count=len(lost)),
                where="waive",
                mend=Sentence("use a place_id of sites.parquet, or one of: {rules}", rules=", ".join(rules)),
                count=len(lost),
                first=lost[0],
            )
        )
    if fast:
        faults.append(
            Fault(
                code="no-waiver",
                what=Sentence("{count} waivers are of bans that nothing can lift", count=len(fast)),
                where="waive",
                mend="leave them out; a city that can lift the rule writes so in its own rules",
                count=len(fast),
                first=fast[0],
            )
        )
    if faults:
        raise ProblemError(faults)
