"""Fairness in numbers: who needs most, who is left out and by how much, and what an index does to the count.

``need`` orders places by an index with open weights; ``poverty`` counts those beyond the limit;
``spread`` says in one number how unevenly minutes fall; ``weighing`` shows what an index does.
Numbers in, numbers out: no plan, no file, no sentence.
"""

from utopias.equity.need import need_index, quintiles_of_people
from utopias.equity.poverty import access_poverty, charged, difference, ratio, share
from utopias.equity.spread import aversion_per_minute, concentration_index, equal_equivalent, gini, palma
from utopias.equity.weighing import RankChange, effective_persons, fault_of_group_in_index, rank_changes

__all__ = [
    "RankChange",
    "access_poverty",
    "aversion_per_minute",
    "charged",
    "concentration_index",
    "difference",
    "effective_persons",
    "equal_equivalent",
    "fault_of_group_in_index",
    "gini",
    "need_index",
    "palma",
    "quintiles_of_people",
    "rank_changes",
    "ratio",
    "share",
]
