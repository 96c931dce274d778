"""Money by budget years: how much each year has, and how a site's cost falls on two of them.

The works of a unit are paid in one budget year and its equipment in the next, as the programme's own units are:
"equipment comes after the works, and from the next year's budget". A unit opens in the year of its equipment and is
counted as open from that year on. The first units of the citywide programme had their works in 2025 and opened from
22 March to 24 May 2026; that their first year is counted whole is an assumption.

Source
------
El Universal, "Primeras tres utopias abriran en enero y febrero" (equipment from the next year's budget of several
ministries) and 2026-01-11 (14 of 16 units under construction at the end of 2025); openings as of August 2026.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

from utopias.domain.errors import Fault, ProblemError
from utopias.domain.sentences import Sentence

# Of a site's cost, what is equipment: a fifth of building, as in our catalogue (manual, "costs"); assumption.
EQUIP_SHARE = 1 / 6
# Years of one question: the bound keeps one table of multipliers for each.
MOST_YEARS = 30
_MONEY = re.compile(r"\s*(-?(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.[0-9]+)?(?:e[0-9]+)?)\s*(k|M|mdp|millones|)\s*")
_TIMES = {
    "": 1.0,
    "k": 1e3,
    "M": 1e6,
    "mdp": 1e6,
    "millones": 1e6,
}  # mdp: "millones de pesos", as Mexican budgets are written


@dataclass(frozen=True, slots=True)
class Budgets:
    """Consecutive budget years and what each may spend on new units.

    years : ascending, without gaps, 2 or more: works in the last one could not be equipped.
    money : one amount a year, 0 or more, in the currency of the site costs.
    works_a_year : at most so many works begun in a year; None: money alone limits them.
    carry_over : False: what a year does not spend is lost, as in Mexico, where unspent money of a yearly budget goes
        back to the treasury (Ley Federal de Presupuesto y Responsabilidad Hacendaria, art. 54; for the city read here
        as the same, assumption). True: it is added to the next year.
    equip_share : part of a site's cost that is equipment, 0 to 1; used where no equipment cost of each site is given.
    cost_each : what a site whose own cost is not known is taken to cost; None: such a site is refused.
    discount : a year's people count 1 / (1 + discount) of those of the year before; 0 counts person-years alike.
    """

    years: tuple[int, ...]
    money: tuple[float, ...]
    works_a_year: int | None = None
    carry_over: bool = False
    equip_share: float = EQUIP_SHARE
    discount: float = 0.0
    cost_each: float | None = None

    def __post_init__(self) -> None:
        if faults := list(self._faults()):
            raise ProblemError(faults)

    def _faults(self) -> list[Fault]:
        faults = []
        if not 2 <= len(self.years) <= MOST_YEARS or list(self.years) != list(
            range(self.years[0], self.years[0] + len(self.years))
        ):
            faults.append(
                Fault(
                    "bad-years",
                    Sentence("{listed} are not 2 to {most} years that follow one another", listed=", ".join(map(str, self.years)) or "-", most=MOST_YEARS),
                    "years",
                    'write the first and the last: "2026-2031"; equipment is paid a year after the works',
                )
            )  # fmt: skip
        if len(self.money) != len(self.years):
            faults.append(
                Fault(
                    "budgets-and-years",
                    Sentence("{count} budgets for {total} years", count=len(self.money), total=len(self.years)),
                    "budgets",
                    "give one amount for every year, or a single one for all",
                )
            )
        bad = [i for i, amount in enumerate(self.money) if not (math.isfinite(amount) and amount >= 0)]
        if bad:
            faults.append(
                Fault(
                    "bad-budget",
                    Sentence("{count} yearly budgets are not amounts of 0 or more", count=len(bad)),
                    "budgets",
                    "write 0 for a year without money",
                    count=len(bad),
                    first=str(self.money[bad[0]]),
                )
            )
        if self.works_a_year is not None and self.works_a_year < 1:
            faults.append(
                Fault(
                    "bad-works-a-year",
                    Sentence("{count} works a year", count=self.works_a_year),
                    "works_a_year",
                    "a whole number of 1 or more, or None",
                )
            )
        if not 0 <= self.equip_share <= 1:
            faults.append(
                Fault(
                    "bad-equip-share",
                    Sentence("{share} of the cost as equipment", share=self.equip_share),
                    "equip_share",
                    "a share from 0 to 1: 0.2 is a fifth of the whole",
                )
            )
        if not (math.isfinite(self.discount) and self.discount >= 0):
            faults.append(
                Fault(
                    "bad-discount",
                    Sentence("a discount of {discount} a year", discount=self.discount),
                    mend="write 0.05 for 5 in 100",
                )
            )
        if self.cost_each is not None and not (math.isfinite(self.cost_each) and self.cost_each > 0):
            faults.append(
                Fault(
                    "bad-cost-each",
                    Sentence("a site is taken to cost {cost}", cost=self.cost_each),
                    "cost_each",
                    "an amount over 0: works and equipment of one site together",
                )
            )
        return faults

    @classmethod
    def of(
        cls,
        years: str | Sequence[int],
        money: str | float | Sequence[float | str],
        *,
        works_a_year: int | None = None,
        carry_over: bool = False,
        equip_share: float = EQUIP_SHARE,
        discount: float = 0.0,
        cost_each: float | str | None = None,
    ) -> Budgets:
        """Budgets as people write them: ``Budgets.of("2026-2031", "600M")``.

        years : "2026-2031" or whole years. money : one amount for every year, or one a year; each a number or
        ``money_of`` text; a text may list them with commas. cost_each : an amount as those.

        Raises
        ------
        ProblemError : years or amounts that cannot be read, all faults at once.
        """
        listed = years_of(years) if isinstance(years, str) else tuple(int(year) for year in years)
        parts = money.split(",") if isinstance(money, str) else [money] if isinstance(money, (int, float)) else money
        amounts = tuple(money_of(part) for part in parts)
        if len(amounts) == 1:
            amounts *= len(listed)
        each = None if cost_each is None else money_of(cost_each)
        return cls(listed, amounts, works_a_year, carry_over, equip_share, discount, each)

    @property
    def weights(self) -> tuple[float, ...]:
        """What a person within reach counts in each year, 1 in the first."""
        return tuple((1.0 + self.discount) ** -k for k in range(len(self.years)))


def years_of(written: str) -> tuple[int, ...]:
    """The years of "2026-2031", both ends included."""
    ends = re.fullmatch(r"\s*([0-9]{4})\s*[-–]\s*([0-9]{4})\s*", written)
    if ends is None or int(ends[2]) < int(ends[1]):
        raise ProblemError(
            Fault(
                "unknown-years",
                Sentence("{written!r} are no years", written=written),
                "years",
                'write the first and the last: "2026-2031"',
            )
        )
    return tuple(range(int(ends[1]), int(ends[2]) + 1))


def money_of(written: str | float, where: str = "budgets") -> float:
    """An amount: a number, or text as "600M", "600 mdp" (both 600 million), "850k", "6e8", "600,000,000"."""
    if isinstance(written, (int, float)) and not isinstance(written, bool):
        return float(written)
    found = _MONEY.fullmatch(str(written))
    if found is None:
        raise ProblemError(
            Fault(
                "unknown-money",
                Sentence("{written!r} is no amount of money", written=written),
                where,
                'write a number with a point, and M or mdp for millions: "600M"',
            )
        )
    return float(found[1].replace(",", "")) * _TIMES[found[2]]
