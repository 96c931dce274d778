"""The tables a plan was made from: what it carries so that anybody can recount it."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from utopias.domain.arrays import Floats, Longs
from utopias.domain.errors import Fault, MisalignedError
from utopias.domain.sentences import Sentence
from utopias.domain.shapes import Basemap, Shapes
from utopias.domain.travel_times import TravelTimes

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False)
class People:
    """Who lives in each block of the planned area, as arrays: what is asked again and again of a study's blocks.

    groups : g ids of the town's. counted : (n, 1 + g) persons of the plan's group, then of each group; 0 around the
    planned area. fifth : (n,) of need, 1 least to 5 most, 0 not known.
    """

    groups: tuple[str, ...]
    counted: Floats
    fifth: Longs


@dataclass(frozen=True, eq=False)
class Study:
    """The tables a plan was made from, kept with it.

    blocks : (n,) rows, one a demand place: block_id, area_id, colonia, planned, x, y, people, one
        column a group (its id), one an indicator (its id), need (index 0-1, higher is more; NaN
        without indicators), quintile (of people by need, 1 least .. 5 most; 0 without), known_to (m),
        apart (no way to any place), persons (of the plan's group), weight (what the aim counts).
    places : (m,) rows: place_id, name, role (fixed, candidate, provider), x, y, cost, area_m2, owner,
        kind, replaces; room (persons), where places fill up. Fixed and candidates come first, in the order of the problem's sites.
    times : (n, m) to those places.
    modules : services and capacities of the places (columns of modules.csv).
    outlines : (n,) block polygons for maps, or None. basemap : for maps, or None.
    town : name, hash, made_up, currency, crs; groups and indicators (each id, labels, estimated or
        weight, from_group, source); sources; group (the plan's own), weighted_by.
    """

    blocks: pd.DataFrame
    places: pd.DataFrame
    times: TravelTimes
    modules: pd.DataFrame
    outlines: Shapes | None = None
    basemap: Basemap | None = None
    town: dict[str, Any] = field(default_factory=dict)

    @cached_property
    def people(self) -> People:
        """The people of the blocks, taken out of the table once."""
        blocks = self.blocks
        groups = tuple(name for group in self.town.get("groups", ()) if (name := str(group["id"])) in blocks)
        persons = blocks[["persons", *groups]].to_numpy(dtype=np.float64)
        planned = blocks["planned"].to_numpy(dtype=bool)
        counted = np.ascontiguousarray(np.where(planned[:, None], persons, 0.0))
        return People(groups, counted, blocks["quintile"].to_numpy(dtype=np.int64))

    @cached_property
    def place_ids(self) -> list[str]:
        """(m,) the keys of the places, in their order."""
        return [str(key) for key in self.places["place_id"].tolist()]

    @property
    def areas_are_keys(self) -> bool:
        """Whether no block names a colonia: its areas are then the census keys of ``area_id``."""
        if "colonia" not in self.blocks.columns:
            return True
        return not bool((self.blocks["colonia"].astype(object).fillna("").astype(str) != "").any())

    def __post_init__(self) -> None:
        if self.times.shape != (len(self.blocks), len(self.places)):
            raise MisalignedError(
                Fault(
                    "misaligned",
                    Sentence(
                        "times are {shape} x {shape_2}, the tables {count} x {total}",
                        shape=self.times.shape[0],
                        shape_2=self.times.shape[1],
                        count=len(self.blocks),
                        total=len(self.places),
                    ),
                )
            )
