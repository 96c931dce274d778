"""Small maps of other plans beside the one of the report: what differs is drawn, the rest is pale.

A site that only the other plan opens is a dark disc with a plus, one that it does without an empty ring that is
struck through, one of both a small plain disc: told apart by shape, so that a grey print says the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import numpy as np

from utopias.domain.arrays import AnyArray, Bools
from utopias.domain.quantities import Duration, Minutes
from utopias.domain.study import Study
from utopias.report import palette
from utopias.report.map_marks import unit_mark
from utopias.report.map_paths import WIDTH, Frame, area_paths, cell_paths, frame_around
from utopias.report.maps import spacing, swatch
from utopias.report.paper import Figure, Swatch
from utopias.report.telling import Telling

ACROSS = 100  # cells across: half a column of a phone shows no more
TEXT = 300  # size of a mark in grid steps: a twelfth of the width is still a mark at 150 points
_FILLS = {
    "around": palette.AROUND,
    "empty": palette.EMPTY,
    "out": palette.OUT,
    "both": palette.REACHED,
    "lose": palette.LOST,
    "gain": palette.GAINED,
}


@dataclass(frozen=True, slots=True)
class Other:
    """A plan to draw beside the report's: what it is called, and the place ids of its new sites."""

    name: str
    ids: tuple[str, ...]


def differing(telling: Telling, others: Sequence[Other], kind: str) -> tuple[tuple[Figure, ...], tuple[Swatch, ...]]:
    """A small map for each of ``others`` that opens other sites than the plan, and one legend; none without tables.

    kind : begins the id of each figure. People who gain and lose are of the plan's group, in the planned area,
    within the headline's limit; a block exactly at the limit is within.
    """
    plan, words = telling.plan, telling.words
    study = plan.study
    if study is None or not others:
        return (), ()
    place = {key: i for i, key in enumerate(study.places["place_id"].astype(str).tolist())}
    names = dict(zip(place, study.places["name"].astype(str).tolist(), strict=True))
    told = [
        one for one in others if set(one.ids) <= place.keys() and {place[key] for key in one.ids} != set(plan.sites)
    ]
    if not told:
        return (), ()
    limit = Minutes(telling.headline.within_minutes)
    own = _reached(study, plan.fixed, plan.sites, limit)
    ground = _Ground.of(study)
    persons = np.where(study.blocks["planned"].to_numpy(dtype=bool), study.blocks["persons"].to_numpy(dtype=float), 0.0)
    figures = []
    for k, one in enumerate(told, start=1):
        sites = [place[key] for key in one.ids]
        theirs = _reached(study, plan.fixed, sites, limit)
        taken, left = sorted(set(sites) - set(plan.sites)), sorted(set(plan.sites) - set(sites))
        ids = list(place)
        gain, lose = (words.number(float(persons[one_way].sum())) for one_way in (theirs & ~own, own & ~theirs))
        alt = words.say(
            "choose.map.alt",
            name=one.name,
            taken=words.listed(names[ids[i]] for i in taken) or "–",
            left=words.listed(names[ids[i]] for i in left) or "–",
            gain=gain,
            lose=lose,
        )
        title = words.say("choose.map.gain-lose", name=one.name, gain=gain, lose=lose)
        svg = ground.drawn(own, theirs, plan.fixed, sorted(set(sites) & set(plan.sites)), taken, left, title, alt)
        figures.append(Figure(f"small-{kind}-{k}", svg, alt, title))
    return tuple(figures), _legend(telling)


def _reached(study: Study, fixed: Sequence[int], sites: Sequence[int], limit: Duration) -> Bools:
    found: Bools = study.times.select(np.array([*fixed, *sites], dtype=np.int64)).within(limit).any_unit()
    return found


@dataclass(frozen=True, eq=False)
class _Ground:
    """What all small maps of one report share. spots : (places, 2) grid points."""

    frame: Frame
    x: AnyArray
    y: AnyArray
    near: float
    planned: Bools
    empty: Bools
    border: str
    spots: AnyArray

    @classmethod
    def of(cls, study: Study) -> _Ground:
        blocks = study.blocks
        x, y = blocks["x"].to_numpy(dtype=float), blocks["y"].to_numpy(dtype=float)
        planned = blocks["planned"].to_numpy(dtype=bool)
        frame = frame_around(x[planned], y[planned])
        base = study.basemap
        border = "" if base is None else area_paths(base.polygons, base.polygon_kind, frame).get("limit", "")
        spots = frame.grid(study.places[["x", "y"]].to_numpy(dtype=float))
        empty = blocks["persons"].to_numpy(dtype=float) <= 0
        side = spacing(x[planned], y[planned])
        # A cell is wider than most blocks: it takes the nearest one as far as a cell reaches, so that none stays white.
        near = max(1.1 * side, 0.75 * WIDTH / ACROSS * frame.metres)
        return cls(frame, x, y, near, planned, empty, border, spots)

    def drawn(
        self,
        own: Bools,
        theirs: Bools,
        units: Sequence[int],
        same: Sequence[int],
        taken: Sequence[int],
        left: Sequence[int],
        title: str,
        alt: str,
    ) -> str:
        kinds = np.full(len(self.x), "out", dtype=object)
        kinds[own & theirs], kinds[theirs & ~own], kinds[own & ~theirs] = "both", "gain", "lose"
        kinds[self.empty] = "empty"
        kinds[~self.planned] = "around"
        paths = cell_paths(self.x, self.y, kinds, self.frame, self.near, across=ACROSS)
        out = [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {self.frame.height}" role="img">'
            f"<title>{escape(title)}</title><desc>{escape(alt)}</desc>"
            f'<rect width="{WIDTH}" height="{self.frame.height}" fill="{palette.GROUND}"/>'
        ]
        for kind, fill in _FILLS.items():
            if kind in paths:
                # Under its fill, so that an outline runs around what is lost and not around each of its cells.
                edge = f'<path stroke="{palette.INK}" stroke-width="36" d="{paths[kind]}"/>' if kind == "lose" else ""
                out.append(f'{edge}<path fill="{fill}" d="{paths[kind]}"/>')
        if self.border:
            out.append(f'<path fill="none" stroke="{palette.LIMIT}" stroke-width="18" d="{self.border}"/>')
        out += [unit_mark(*self._at(i), TEXT // 2) for i in units]
        for mark, places in (("same", same), ("left", left), ("taken", taken)):
            out += [_mark(mark, *self._at(i), TEXT) for i in places]
        return "".join(out) + "</svg>"

    def _at(self, place: int) -> tuple[int, int]:
        return int(self.spots[place][0]), int(self.spots[place][1])


def _mark(kind: str, x: int, y: int, text: int) -> str:
    """A disc of a site by what becomes of it: "same", "left" or "taken"; ``text`` is about its width."""
    r = round(text * (0.28 if kind == "same" else 0.48))
    fill = palette.GAIN if kind == "taken" else palette.PAPER
    disc = (
        f'<circle cx="{x}" cy="{y}" r="{r}" fill="{fill}" stroke="{palette.INK}" stroke-width="{max(4, text // 9)}"/>'
    )
    if kind == "same":
        return disc
    arm, wide = round(r * 0.62), max(4, text // 8)
    if kind == "taken":
        return f'{disc}<path d="M{x - arm} {y}h{2 * arm}M{x} {y - arm}v{2 * arm}" stroke="#fff" stroke-width="{wide}"/>'
    return f'{disc}<path d="M{x - arm} {y + arm}l{2 * arm}-{2 * arm}" stroke="{palette.INK}" stroke-width="{wide}"/>'


def _legend(telling: Telling) -> tuple[Swatch, ...]:
    words = telling.words

    def drawn(inside: str) -> str:
        return (
            '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 120 100" width="24" height="20" aria-hidden="true">'
            f"{inside}</svg>"
        )

    def field(kind: str) -> str:
        edge = palette.INK if kind == "lose" else palette.RULE
        return drawn(
            f'<rect x="6" y="14" width="108" height="72" fill="{_FILLS[kind]}" stroke="{edge}" stroke-width="6"/>'
        )

    marks = [
        Swatch(drawn(_mark(kind, 60, 50, 84)), words.say(f"choose.map.key.{kind}"))
        for kind in ("taken", "left", "same")
    ]
    fields = [
        Swatch(field(kind), words.say(f"choose.map.key.{key}"))
        for kind, key in (("gain", "gained"), ("lose", "lost"), ("both", "reached"), ("out", "out"))
    ]
    unit = Swatch(swatch("unit"), words.plural("map.unit", len(telling.plan.fixed)))
    return (*marks, unit, *fields)
