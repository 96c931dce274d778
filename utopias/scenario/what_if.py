"""What a scenario would do: who gains a unit within reach and who loses one, group by group, before the hand leaves the mouse.

Units are added and taken away on the times that are there; a barrier only puts other costs on the same
streets; a footbridge joins them anew. In every case the answer is that of a town built so from the start.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from utopias.domain.arrays import AnyArray, Floats, Ints, Longs, Texts, frozen, texts
from utopias.domain.places import Places, places
from utopias.domain.streets import FOOTBRIDGE
from utopias.domain.travel_times import Status
from utopias.network.barriers import Barrier
from utopias.network.effort import edge_costs
from utopias.network.footbridge import with_footbridge
from utopias.network.street_network import StreetNetwork, street_network
from utopias.scale import Runner
from utopias.scenario.edits import AddUnit, Scenario, WalkedLine
from utopias.scenario.today import NEVER, Ground, Pairs, Today, best_of, ground_of, sums

if TYPE_CHECKING:
    import pandas as pd

_ALONE = Runner()


@dataclass(frozen=True, eq=False)
class WhatIf:
    """The town before and after a scenario, for one limit and one walker.

    best_before, best_after : (n,) deciseconds from every block to the nearest open unit, ``NEVER`` where none is within.
    gain, loss, within_after : (g,) persons of every group, as ``today.groups``, in the planned area.
    open_ids : (m,) units open afterwards. catchment : (g, m) persons within the limit of each.
    status : (m,) how each is joined to the streets.
    idle : barriers that cross no street.
    ground : how people get about afterwards, for further questions.
    """

    today: Today
    scenario: Scenario
    ground: Ground
    best_before: Ints
    best_after: Ints
    gain: Floats
    loss: Floats
    within_after: Floats
    open_ids: Texts
    catchment: Floats
    pairs: Pairs
    status: AnyArray
    idle: int = 0

    def __post_init__(self) -> None:
        for name in ("best_before", "best_after", "gain", "loss", "within_after", "catchment", "status"):
            object.__setattr__(self, name, frozen(getattr(self, name)))

    def __repr__(self) -> str:
        return (
            f"<WhatIf within {self.today.within}: {self.today.within_now[0]:,.0f} persons before, "
            f"{self.within_after[0]:,.0f} after; {self.gain[0]:,.0f} gain, {self.loss[0]:,.0f} lose>"
        )

    @property
    def groups(self) -> pd.DataFrame:
        """One row a group: group, estimated, people, within_before, within_after, gain, loss; persons."""
        import pandas as pd

        return pd.DataFrame(
            {
                "group": self.today.groups,
                "estimated": self.today.estimated,
                "people": self.today.people.sum(axis=1),
                "within_before": self.today.within_now,
                "within_after": self.within_after,
                "gain": self.gain,
                "loss": self.loss,
            }
        )

    @property
    def units(self) -> pd.DataFrame:
        """One row a unit open before or after, those of today first.

        place_id, name; added, closed; attached to the main streets; people within the limit before and after (persons);
        no_other : those of ``people_after`` who reach no other unit.
        """
        import pandas as pd

        k, today = int(self.scenario.kept.sum()), self.today
        now = np.bincount(today.pairs.place, weights=today.people[0][today.pairs.block], minlength=len(today.units))
        at_block = np.bincount(self.pairs.block, minlength=len(self.best_after))
        only = at_block[self.pairs.block] == 1
        alone = np.bincount(
            self.pairs.place[only], weights=today.people[0][self.pairs.block[only]], minlength=len(self.open_ids)
        )
        kept, new = np.flatnonzero(self.scenario.kept), len(self.open_ids) - k
        closed = np.flatnonzero(~self.scenario.kept)
        called = dict(zip(today.town.sites.ids, today.town.sites.names, strict=True)) if new else {}
        opened = texts([called.get(key, key) for key in self.open_ids[k:]])
        names = [today.units.names[kept], opened, today.units.names[closed]]
        return pd.DataFrame(
            {
                "place_id": np.concatenate([self.open_ids, today.ids[closed]]),
                "name": np.concatenate(names),
                "added": np.repeat([False, True, False], [k, new, len(closed)]),
                "closed": np.repeat([False, False, True], [k, new, len(closed)]),
                "attached": np.concatenate(
                    [np.asarray(self.status) == Status.ATTACHED, np.ones(len(closed), dtype=bool)]
                ),
                "people_before": np.concatenate([now[kept], np.zeros(new), now[closed]]),
                "people_after": np.concatenate([self.catchment[0], np.zeros(len(closed))]),
                "no_other": np.concatenate([alone, np.zeros(len(closed))]),
            }
        )

    @property
    def changed(self) -> Longs:
        """Blocks whose walk to the nearest unit is not what it was."""
        return np.flatnonzero(self.best_before != self.best_after)


def apply(scenario: Scenario, *, runner: Runner = _ALONE) -> WhatIf:
    """Say what the changes of a scenario would do; every fault in them is raised first, and at once.

    Parameters
    ----------
    scenario : with any number of changes; with none, nothing changes.

    Returns
    -------
    WhatIf. Units keep the order of today, added ones follow.

    Raises
    ------
    ProblemError : see ``Scenario.must_stand``. TableError : a footbridge that meets no street.
    """

    scenario.must_stand()
    today = scenario.today
    lines = [edit for edit in scenario.edits if isinstance(edit, WalkedLine)]
    ground, idle = _walked(today, lines) if lines else (today.ground, 0)
    open_ids = scenario.open_ids
    kept = scenario.kept
    added = _added(scenario, open_ids[int(kept.sum()) :])
    if lines:
        after = today.units.take(kept) + added if len(added) else today.units.take(kept)
        pairs, status = ground.reach(after, today.within, runner)
    else:
        pairs, status = _with_added(today, ground, kept, added, runner)
    best = _best_after(today, pairs, kept, added, lines)
    gained = np.flatnonzero((best < NEVER) & (today.best == NEVER))
    lost = np.flatnonzero((best == NEVER) & (today.best < NEVER))
    gain, loss = sums(today.people, gained), sums(today.people, lost)
    catchment = np.zeros((len(today.people), len(open_ids)))
    for group, people in enumerate(today.people):
        catchment[group] = np.bincount(pairs.place, weights=people[pairs.block], minlength=len(open_ids))
    return WhatIf(
        today=today,
        scenario=scenario,
        ground=ground,
        best_before=today.best,
        best_after=best,
        gain=gain,
        loss=loss,
        within_after=today.within_now + gain - loss,
        open_ids=texts(open_ids),
        catchment=catchment,
        pairs=pairs,
        status=status,
        idle=idle,
    )


def _walked(today: Today, lines: list[WalkedLine]) -> tuple[Ground, int]:
    """The ground after every barrier and footbridge, which goes over barriers drawn before it; how many barriers cut nothing."""
    network = today.ground.walking
    streets = today.town.streets
    assert isinstance(network, StreetNetwork)
    assert streets is not None, "a scenario without streets refuses every line"
    names = {k: f"{FOOTBRIDGE} {k}" for k, line in enumerate(lines) if line.role == FOOTBRIDGE}
    for k, name in names.items():
        may = edge_costs(streets, **today.walking).walkable
        streets = with_footbridge(streets, lines[k].points, name=name, walkable=may)
    if names:
        network = street_network(streets, **today.walking)
    row, idle = network.edges.row, 0
    called, drawn = streets.name[row], streets.kind[row] == FOOTBRIDGE
    for k, line in enumerate(lines):
        if line.role != FOOTBRIDGE:
            later = [name for after, name in names.items() if after > k]
            walled = network.behind(Barrier.of(line.points), spared=drawn & np.isin(called, texts(later)))
            idle += len(walled.edges.cuts) == len(network.edges.cuts)
            network = walled
    return ground_of(today.town, network, None if names else today.ground.street), idle


def _added(scenario: Scenario, opened: tuple[str, ...]) -> Places:
    """The units that are opened and not closed again, in the order of ``opened``."""
    edits = {edit.id: edit for edit in scenario.edits if isinstance(edit, AddUnit)}
    town = scenario.town
    found: Places | None = None
    for edit in (edits[key] for key in opened):
        if edit.x is None:
            known = town.sites if edit.id in town.sites.ids else town.fixed
            one = known.take(known.ids == edit.id)
        else:
            one = places([edit.id], [edit.x], [edit.y], role="unit")
        found = one if found is None else found + one
    return places([], [], [], role="unit") if found is None else found


def _with_added(today: Today, ground: Ground, kept: AnyArray, added: Places, runner: Runner) -> tuple[Pairs, AnyArray]:
    """Today's pairs without the closed units, then those of the new ones."""
    number = np.cumsum(kept, dtype=np.int32) - 1
    pairs = today.pairs
    if not kept.all():
        stay = kept[pairs.place]
        pairs = Pairs(pairs.block[stay], number[pairs.place[stay]], pairs.deciseconds[stay])
    status = today.status[kept]
    if len(added):
        more, at = ground.reach(added, today.within, runner)
        pairs = Pairs(
            np.concatenate([pairs.block, more.block]),
            np.concatenate([pairs.place, more.place + np.int32(kept.sum())]),
            np.concatenate([pairs.deciseconds, more.deciseconds]),
        )
        status = np.concatenate([status, at])
    return pairs, status


def _best_after(today: Today, pairs: Pairs, kept: AnyArray, added: Places, lines: list[WalkedLine]) -> Ints:
    """The least times after; where units were only added, today's times bettered by theirs."""
    if lines or not kept.all():
        return best_of(pairs, len(today.best))
    if len(added) == 0:
        return today.best
    best = today.best.copy()
    new = pairs.place >= int(kept.sum())
    np.minimum.at(best, pairs.block[new], pairs.deciseconds[new])
    return best
