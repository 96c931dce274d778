"""Points that people go to or come from: units, sites, providers, and the points of blocks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from utopias.domain.arrays import AnyArray, Bools, Floats, Longs, Texts, frozen, texts
from utopias.domain.errors import Fault, MisalignedError
from utopias.domain.later import LaterTable, PutsOff
from utopias.domain.sentences import Sentence

if TYPE_CHECKING:  # pandas takes a quarter of a second to load: only who asks for a table waits for it
    import pandas as pd


@dataclass(frozen=True, eq=False)
class Places(PutsOff):
    """(n,) places, each with an id that is its own, one main point and one or more entrances.

    ids : (n,) text, no repeats.
    x, y : (n,) metres in the town's reference system.
    role : (n,) text: block, unit, site, provider, school.
    table : (n,) rows, the other declared columns of ``places.csv``, in the same order.
    entrance_of, entrance_x, entrance_y : (e,) doors; every place has at least one (its main
        point where no other is known). Travel is counted to the best door.
    """

    ids: Texts
    x: Floats
    y: Floats
    role: Texts
    table: pd.DataFrame
    entrance_of: Longs
    entrance_x: Floats
    entrance_y: Floats

    def __post_init__(self) -> None:
        n = len(self.ids)
        faults = []
        for name in ("x", "y", "role", "table"):
            if len(getattr(self, name)) != n:
                faults.append(
                    Fault(
                        "misaligned",
                        Sentence("{name} has {count} rows, ids {n}", name=name, count=len(getattr(self, name)), n=n),
                    )
                )
        if len(set(self.ids.tolist())) != n:
            seen: set[Any] = set()
            repeated = [key for key in self.ids.tolist() if key in seen or seen.add(key)]  # type: ignore[func-returns-value]
            faults.append(
                Fault(
                    code="duplicate-key",
                    what=Sentence("{count} of {n} places repeat an id", count=len(repeated), n=n),
                    mend="give every place its own id, across units, sites and providers",
                    count=len(repeated),
                    first=str(repeated[0]),
                )
            )
        if not (np.isfinite(self.x).all() and np.isfinite(self.y).all()):
            faults.append(Fault("no-coordinates", "some places have no finite coordinates"))
        if n and not np.bincount(self.entrance_of, minlength=n).all():
            faults.append(Fault("no-entrance", "every place needs at least one entrance"))
        if faults:
            raise MisalignedError(faults)
        for name in ("ids", "x", "y", "role", "entrance_of", "entrance_x", "entrance_y"):
            object.__setattr__(self, name, frozen(getattr(self, name)))
        self.put_off()

    def __len__(self) -> int:
        return len(self.ids)

    def __add__(self, other: Places) -> Places:
        """These, then those; an id in both is refused."""
        return Places(
            ids=np.concatenate([self.ids, other.ids]),
            x=np.concatenate([self.x, other.x]),
            y=np.concatenate([self.y, other.y]),
            role=np.concatenate([self.role, other.role]),
            table=self._joined(other),
            entrance_of=np.concatenate([self.entrance_of, other.entrance_of + len(self)]),
            entrance_x=np.concatenate([self.entrance_x, other.entrance_x]),
            entrance_y=np.concatenate([self.entrance_y, other.entrance_y]),
        )

    def _joined(self, other: Places) -> Any:
        """Both tables, one under the other; made when somebody asks, like those that are not made yet."""

        def frame() -> pd.DataFrame:
            import pandas as pd

            return pd.concat([self.table, other.table], ignore_index=True)

        def words(name: str) -> AnyArray | None:
            parts = [place._written(name) for place in (self, other)]
            if all(part is None for part in parts):
                return None
            filled = (
                np.full(len(p), "", dtype=object) if w is None else w for p, w in zip((self, other), parts, strict=True)
            )
            return np.concatenate(list(filled))

        return LaterTable(len(self) + len(other), frame, words)

    def take(self, keep: Bools | AnyArray) -> Places:
        """The places of a mask or of indices, in that order."""
        index = np.flatnonzero(keep) if keep.dtype == bool else np.asarray(keep, dtype=np.int64)
        doors = np.bincount(self.entrance_of, minlength=len(self))
        first = np.cumsum(doors) - doors
        of = np.repeat(np.arange(len(index)), doors[index]).astype(np.int64)
        rank = np.arange(len(of)) - np.repeat(np.cumsum(doors[index]) - doors[index], doors[index])
        at = np.argsort(self.entrance_of, kind="stable")[first[index][of] + rank]
        later = self.later("table")
        rows: Any = (
            later.take(index) if isinstance(later, LaterTable) else self.table.iloc[index].reset_index(drop=True)
        )
        return Places(
            ids=self.ids[index],
            x=self.x[index],
            y=self.y[index],
            role=self.role[index],
            table=rows,
            entrance_of=of,
            entrance_x=self.entrance_x[at],
            entrance_y=self.entrance_y[at],
        )

    @property
    def names(self) -> Texts:
        """(n,) the name of each place, or its id where it has none."""
        given = self._written("name")
        if given is None:
            return self.ids
        named: Texts = np.where(given == "", self.ids, given)
        return named

    @property
    def is_fixed(self) -> Bools:
        """(n,) operating or under construction: what a plan must take as given.

        A place counts unless it is cancelled, only proposed or planned, or closed for good.
        """
        project = self._status("project_status", "finished")
        operating = self._status("operating_status", "operating")
        standing = np.array([said in ("finished", "under construction", "not known") for said in project], dtype=bool)
        fixed: Bools = standing & (operating != "closed")
        return fixed

    def _status(self, column: str, otherwise: str) -> AnyArray:
        given = self._written(column)
        if given is None:
            return np.full(len(self), otherwise, dtype=object)
        return np.where(given == "", otherwise, given)

    def _written(self, column: str) -> AnyArray | None:
        """(n,) a column as text, empty where nothing is known (a column of NaN alone is one of numbers); or None."""
        later = self.later("table")
        if isinstance(later, LaterTable):
            return later.words(column)
        if column not in self.table.columns:
            return None
        given = self.table[column]
        return given.astype(object).where(given.notna(), "").astype(str).to_numpy(dtype=object)


def places(
    ids: object,
    x: object,
    y: object,
    *,
    role: str,
    table: pd.DataFrame | LaterTable | None = None,
    entrances: pd.DataFrame | Mapping[str, AnyArray] | None = None,
) -> Places:
    """Make Places of one role; without ``entrances`` (place_id, x, y) the main point is the only door.

    A place that has rows in ``entrances`` is entered there and only there.

    Raises
    ------
    MisalignedError : ids repeat, lengths differ, or an entrance belongs to no place.
    """
    keys = texts(ids)
    east = np.asarray(x, dtype=np.float64)
    north = np.asarray(y, dtype=np.float64)
    n = len(keys)
    of, door_x, door_y = np.arange(n, dtype=np.int64), east, north
    if entrances is not None and len(entrances["place_id"]):
        position = {key: i for i, key in enumerate(keys.tolist())}
        owners = np.asarray(entrances["place_id"], dtype=object).tolist()
        own = np.array([position.get(key, -1) for key in owners], dtype=np.int64)
        if (own < 0).any():
            raise MisalignedError(
                Fault(
                    code="entrance-of-nothing",
                    what=Sentence("{count} entrances belong to no place", count=int((own < 0).sum())),
                    mend="mend place_id in the entrances table",
                    count=int((own < 0).sum()),
                    first=str(owners[int(np.argmax(own < 0))]),
                )
            )
        without = np.setdiff1d(np.arange(n), own)
        of = np.concatenate([own, without]).astype(np.int64)
        door_x = np.concatenate([np.asarray(entrances["x"], dtype=np.float64), east[without]])
        door_y = np.concatenate([np.asarray(entrances["y"], dtype=np.float64), north[without]])
        order = np.argsort(of, kind="stable")
        of, door_x, door_y = of[order], door_x[order], door_y[order]
    rows: Any = table
    if table is None:
        rows = LaterTable(n, lambda: _no_columns(n), lambda _: None)
    elif not isinstance(table, LaterTable):
        rows = table.reset_index(drop=True)
    return Places(keys, east, north, np.full(n, role, dtype=object), rows, of, door_x, door_y)


def _no_columns(rows: int) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame(index=range(rows))
