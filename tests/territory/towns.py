"""Towns of every shape for the property tests, and what it means that two are the same."""

from __future__ import annotations

import string

import numpy as np
import pandas as pd
from hypothesis import strategies as st

from utopias.domain.arrays import texts
from utopias.domain.findings import Assumption, Source
from utopias.domain.places import Places, places
from utopias.domain.shapes import Basemap, Lines, Shapes
from utopias.domain.streets import SAID, StreetFront, Streets
from utopias.domain.tables import columns
from utopias.domain.town import Blocks, Group, NeedIndicator, Town

CRS = "EPSG:32614"
PLACE_COLUMNS = {column.name: column for column in columns("places") if column.name not in ("place_id", "x", "y")}
SITE_COLUMNS = {column.name: column for column in columns("sites") if column.name not in ("place_id", "x", "y")}
SCHOOL_LEVELS = next(column for column in columns("schools") if column.name == "level").choices

words = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
keys = st.one_of(
    st.from_regex(r"0{1,3}[0-9]{1,5}[A-Z]?", fullmatch=True),
    st.text(string.ascii_letters + string.digits + "-áñ ", min_size=1, max_size=6).filter(lambda key: key.strip()),
)
metres = st.floats(-1e7, 1e7, allow_nan=False)
counts = st.floats(0, 1e6, allow_nan=False)
labels = st.dictionaries(st.sampled_from(["es", "en", "fr"]), words, max_size=3)


def floats(n: int, of: st.SearchStrategy[float]) -> st.SearchStrategy[np.ndarray]:
    return st.lists(of, min_size=n, max_size=n).map(lambda values: np.array(values, dtype=float))


def flags(n: int) -> st.SearchStrategy[np.ndarray]:
    return st.lists(st.booleans(), min_size=n, max_size=n).map(lambda values: np.array(values, dtype=bool))


def text(n: int) -> st.SearchStrategy[np.ndarray]:
    return st.lists(words, min_size=n, max_size=n).map(texts)


@st.composite
def rings(draw: st.DrawFn) -> np.ndarray:
    ring = draw(st.lists(st.tuples(metres, metres), min_size=3, max_size=5))
    return np.array([*ring, ring[0]], dtype=float)


@st.composite
def shapes(draw: st.DrawFn, n: int) -> Shapes:
    """Shapes of none to two parts, with none or one hole each."""
    coords, ring_ends, part_ends, shape_ends = [np.zeros((0, 2))], [0], [0], [0]
    for _ in range(n):
        for _ in range(draw(st.integers(0, 2))):
            for _ in range(draw(st.integers(1, 2))):
                coords.append(draw(rings()))
                ring_ends.append(ring_ends[-1] + len(coords[-1]))
            part_ends.append(len(ring_ends) - 1)
        shape_ends.append(len(part_ends) - 1)
    return Shapes(
        np.concatenate(coords), *(np.array(e, dtype=np.int64) for e in (ring_ends, part_ends, shape_ends)), CRS
    )


@st.composite
def lines(draw: st.DrawFn, n: int) -> Lines:
    drawn = [np.array(draw(st.lists(st.tuples(metres, metres), min_size=2, max_size=4)), dtype=float) for _ in range(n)]
    starts = np.concatenate([[0], np.cumsum([len(line) for line in drawn])]).astype(np.int64)
    return Lines(np.concatenate([np.zeros((0, 2)), *drawn]), starts, CRS)


@st.composite
def streets(draw: st.DrawFn) -> Streets:
    j = draw(st.integers(0, 4))
    e = draw(st.integers(0, 4)) if j else 0
    ends = st.lists(st.integers(0, max(j - 1, 0)), min_size=e, max_size=e).map(lambda v: np.array(v, dtype=np.int32))
    return Streets(
        x=draw(floats(j, metres)),
        y=draw(floats(j, metres)),
        tail=draw(ends),
        head=draw(ends),
        length=draw(floats(e, counts)),
        rise=draw(floats(e, st.one_of(st.just(float("nan")), metres))),
        kind=draw(text(e)),
        name=draw(text(e)),
        surface=draw(text(e)),
        steps=draw(flags(e)),
        foot=draw(flags(e)),
        lines=draw(lines(e)),
        front=StreetFront(
            *(draw(st.lists(st.sampled_from(SAID), min_size=e, max_size=e).map(texts)) for _ in range(4))
        ),
    )


@st.composite
def basemaps(draw: st.DrawFn) -> Basemap:
    p, q, k = (draw(st.integers(0, 2)) for _ in range(3))
    return Basemap(
        draw(shapes(p)), draw(text(p)), draw(lines(q)), draw(text(q)), draw(text(k)), draw(floats(k, metres)), draw(floats(k, metres))
    )  # fmt: skip


@st.composite
def some_places(draw: st.DrawFn, ids: list[str], role: str) -> Places:
    n = len(ids)
    table = pd.DataFrame(index=range(n))
    declared = SITE_COLUMNS if role == "site" else PLACE_COLUMNS
    for name in draw(st.lists(st.sampled_from(sorted(declared)), unique=True)):
        column = declared[name]
        if column.type == "number":
            table[name] = draw(floats(n, st.one_of(st.just(float("nan")), counts)))
        else:
            cells = st.sampled_from([*column.choices, None]) if column.choices else st.one_of(words, st.none())
            table[name] = pd.Series(draw(st.lists(cells, min_size=n, max_size=n)), dtype="str")
    doors = draw(st.lists(st.tuples(st.sampled_from(ids), metres, metres), max_size=4)) if n else []
    return places(
        ids,
        draw(floats(n, metres)),
        draw(floats(n, metres)),
        role=role,
        table=table,
        entrances=pd.DataFrame(doors, columns=["place_id", "x", "y"]),
    )


def doors_of(some: Places) -> pd.DataFrame:
    return pd.DataFrame({"place_id": some.ids[some.entrance_of], "x": some.entrance_x, "y": some.entrance_y})


@st.composite
def towns(draw: st.DrawFn) -> Town:
    """A town of none to four blocks: no streets, no outlines, no places, odd ids and words included."""
    n = draw(st.integers(0, 4))
    names = draw(st.lists(words.map(lambda word: f"group {word}"), unique=True, max_size=4))
    cut = draw(st.integers(0, len(names)))
    people = draw(floats(n, counts))
    group_ids, indicator_ids = names[:cut], names[cut:]
    places_ids = draw(st.lists(keys, unique=True, max_size=7))
    blocks = Blocks(
        ids=texts(draw(st.lists(keys, min_size=n, max_size=n, unique=True))),
        x=draw(floats(n, metres)),
        y=draw(floats(n, metres)),
        people=people,
        groups={key: people * draw(st.floats(0, 1)) for key in group_ids},
        planned=draw(flags(n)),
        area_id=draw(text(n)),
        colonia=draw(text(n)),
        known_to=draw(floats(n, st.one_of(st.just(float("inf")), counts))),
        indicators={key: draw(floats(n, st.one_of(st.just(float("nan")), metres))) for key in indicator_ids},
        shapes=draw(st.one_of(st.none(), shapes(n))),
    )
    thirds = [places_ids[0::3], places_ids[1::3], places_ids[2::3]]
    owners = st.lists(st.sampled_from(places_ids), max_size=3) if places_ids else st.just([])
    held, claimed = draw(owners), draw(owners)
    some_text = st.text("abc", min_size=1, max_size=3)
    drawn = draw(st.one_of(st.none(), shapes(len(thirds[1]))))
    taught = None
    if draw(st.booleans()):
        ids = draw(st.lists(keys.filter(lambda key: key not in places_ids), unique=True, max_size=3))
        levels = st.lists(st.sampled_from(SCHOOL_LEVELS), min_size=len(ids), max_size=len(ids))
        one = draw(some_places(ids, "provider"))
        table = pd.DataFrame({"level": pd.Series(draw(levels), dtype="str"), "pupils": draw(floats(len(ids), counts))})
        taught = places(ids, one.x, one.y, role="school", table=table, entrances=doors_of(one))
    return Town(
        name=draw(words),
        crs=CRS,
        zone=draw(words),
        currency=draw(words),
        made_up=draw(st.booleans()),
        blocks=blocks,
        units=draw(some_places(thirds[0], "unit")),
        sites=draw(some_places(thirds[1], "site")),
        providers=draw(some_places(thirds[2], "provider")),
        modules=pd.DataFrame(
            {
                "place_id": pd.Series(held, dtype="str"),
                "service": pd.Series([draw(some_text) for _ in held], dtype="str"),
                "capacity": draw(floats(len(held), st.one_of(st.just(float("nan")), counts))),
            }
        ),
        facts=pd.DataFrame(
            {
                "place_id": pd.Series(claimed, dtype="str"),
                "attribute": pd.Series([draw(some_text) for _ in claimed], dtype="str"),
                "value": pd.Series([draw(some_text) for _ in claimed], dtype="str"),
            }
        ),
        streets=draw(st.one_of(st.none(), streets())),
        basemap=draw(st.one_of(st.none(), basemaps())),
        groups=tuple(Group(key, draw(labels), draw(st.booleans()), draw(words), draw(words)) for key in group_ids),
        indicators=tuple(
            NeedIndicator(key, draw(labels), draw(counts), draw(st.sampled_from(["", *group_ids])), draw(words))
            for key in indicator_ids
        ),
        sources=tuple(draw(st.lists(st.builds(Source, words, words, words, words), max_size=2))),
        schools=taught,
        lots=drawn if drawn is not None and np.diff(drawn.shapes).any() else None,  # all empty is none at all
        assumptions=tuple(
            draw(st.lists(st.builds(Assumption, words, st.dictionaries(words, counts | words, max_size=2)), max_size=2))
        ),
    )


def assert_same_town(found: Town, wanted: Town) -> None:
    """The same in everything but the hash; numbers to the last bit."""
    for name in ("name", "crs", "zone", "currency", "made_up", "groups", "indicators", "sources", "assumptions"):
        assert getattr(found, name) == getattr(wanted, name), name
    _same_fields(found.blocks, wanted.blocks, ("ids", "x", "y", "people", "planned", "area_id", "colonia", "known_to"))
    for name in ("groups", "indicators"):
        left, right = getattr(found.blocks, name), getattr(wanted.blocks, name)
        assert list(left) == list(right)
        for key in left:
            np.testing.assert_array_equal(left[key], right[key])
    _same_shapes(found.blocks.shapes, wanted.blocks.shapes)
    _same_shapes(found.lots, wanted.lots)
    assert (found.schools is None) == (wanted.schools is None)
    for name in ("units", "sites", "providers", *(("schools",) if wanted.schools is not None else ())):
        left, right = getattr(found, name), getattr(wanted, name)
        _same_fields(left, right, ("ids", "x", "y", "role", "entrance_of", "entrance_x", "entrance_y"))
        pd.testing.assert_frame_equal(left.table, right.table, check_dtype=False, check_column_type=False)
    for name in ("modules", "facts"):
        pd.testing.assert_frame_equal(
            getattr(found, name), getattr(wanted, name), check_dtype=False, check_column_type=False
        )
    assert (found.streets is None) == (wanted.streets is None)
    if found.streets is not None and wanted.streets is not None:
        numbers = ("x", "y", "tail", "head", "length", "rise", "kind", "name", "surface", "steps", "foot")
        _same_fields(found.streets.front, wanted.streets.front, ("sidewalk", "ramps", "lit", "crossing"))
        _same_fields(found.streets, wanted.streets, numbers)
        _same_fields(found.streets.lines, wanted.streets.lines, ("coords", "starts"))
    assert (found.basemap is None) == (wanted.basemap is None)
    if found.basemap is not None and wanted.basemap is not None:
        _same_fields(found.basemap, wanted.basemap, ("polygon_kind", "line_kind", "labels", "label_x", "label_y"))
        _same_shapes(found.basemap.polygons, wanted.basemap.polygons)
        _same_fields(found.basemap.lines, wanted.basemap.lines, ("coords", "starts"))


def _same_shapes(found: Shapes | None, wanted: Shapes | None) -> None:
    assert (found is None) == (wanted is None)
    if found is not None and wanted is not None:
        assert found.crs == wanted.crs
        _same_fields(found, wanted, ("coords", "rings", "parts", "shapes"))


def _same_fields(found: object, wanted: object, names: tuple[str, ...]) -> None:
    for name in names:
        left, right = getattr(found, name), getattr(wanted, name)
        assert left.dtype.kind == right.dtype.kind, name
        np.testing.assert_array_equal(left, right, err_msg=name)
