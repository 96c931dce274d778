"""Fairness in numbers: who needs most, who is left out and by how much, and what an index does to the count.

``need`` orders places by an index with open weights; ``poverty`` counts those beyond the limit;
``spread`` says in one number how unevenly minutes fall. Numbers in, numbers out: no town, no plan.
"""

from utopias.equity.need import need_index, quintiles_of_people

__all__ = ["need_index", "quintiles_of_people"]
