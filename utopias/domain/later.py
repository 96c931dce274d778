"""Parts of a noun that are read when they are first asked for: an outline nobody draws is never decoded.

A reader gives ``Later`` in the place of a field; the noun looks as if it held the thing itself. What
is needed to make it is kept in memory from the start, so nothing that happens to a file meanwhile
can change what is found.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from utopias.domain.arrays import AnyArray

_making = threading.RLock()  # threads that ask for one part at once share one; a part may ask for another


class Later:
    """Something of ``rows`` rows that ``make`` makes."""

    def __init__(self, rows: int, make: Callable[[], Any]) -> None:
        self.rows, self.make = rows, make

    def __len__(self) -> int:
        return self.rows


class LaterTable(Later):
    """A table whose frame is made later; one column alone can be read as text before, without making it.

    words : (n,) a column as text, empty where nothing is known; None where there is no such column.
    """

    def __init__(self, rows: int, make: Callable[[], Any], words: Callable[[str], AnyArray | None]) -> None:
        super().__init__(rows, make)
        self.words = words

    def take(self, index: AnyArray) -> LaterTable:
        """The rows of ``index``, in that order; both tables are made from one."""
        made: list[Any] = []

        def frame() -> Any:
            if not made:
                made.append(self.make())
            return made[0].iloc[index].reset_index(drop=True)

        def words(name: str) -> AnyArray | None:
            column = self.words(name)
            return None if column is None else column[index]

        return LaterTable(len(index), frame, words)


class PutsOff:
    """A frozen dataclass some of whose fields may be given as ``Later``. Such a field has no default value in the
    class: ``field(default_factory=...)`` serves.
    """

    def put_off(self) -> None:
        """Set aside what is given as ``Later``: called last in ``__post_init__``."""
        later = {name: value for name, value in self.__dict__.items() if isinstance(value, Later)}
        for name in later:
            del self.__dict__[name]
        self.__dict__["_later"] = later

    def later(self, name: str) -> Later | None:
        """What will make a field that nobody has asked for; None where it is there."""
        found: Later | None = self.__dict__.get("_later", {}).get(name)
        return found

    def __getattr__(self, name: str) -> Any:  # called only for what is not there
        if name not in self.__dict__.get("_later", ()) and name not in self.__dict__:
            raise AttributeError(f"{type(self).__name__} has no {name!r}")
        with _making:
            if name not in self.__dict__:
                self.__dict__[name] = self.__dict__["_later"][name].make()
                del self.__dict__["_later"][name]
            return self.__dict__[name]

    def __getstate__(self) -> dict[str, Any]:
        for name in list(self.__dict__.get("_later", {})):
            getattr(self, name)
        return dict(self.__dict__)
