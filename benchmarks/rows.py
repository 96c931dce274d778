"""What a bench is made of: rows by name, each with the work that answers it and the bars it must keep."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib import import_module
from typing import Any

from benchmarks.rounds import Bar, Outcome, decide

LITTLE, SLOW = "little", "peers-slow"
Options = tuple[tuple[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Row:
    """A row's name, what it asks, its section, and the work that answers it.

    ground : rows of one ground share a process and what was made of it; "" : a process of its own.
    work : ``module:function`` of the bench's package, called with the ground where there is one and with
        ``options``; gives a Contest, or an Outcome of its own. cores : 1, or 2 where a planner waits.
    machine : a small question before the clock loads the machine code of the large one.
    variants : "little" or "peers-slow" -> options that then take the place of others; a row without "little" is
        left out of a little run. needs : what must be there to be asked, as "aim smallest-worst", "improve",
        "Problem.from_points"; see ``missing``.
    """

    name: str
    what: str
    section: str
    work: str
    ground: str = ""
    cores: int = 1
    machine: bool = False
    options: Options = ()
    variants: Mapping[str, Options] | None = None
    needs: tuple[str, ...] = ()

    def as_asked(self, variant: str) -> Row:
        """The row with the options of a variant, where it has that one."""
        changed = dict(self.options) | dict((self.variants or {}).get(variant, ()))
        return replace(self, options=tuple(changed.items()))


@dataclass(frozen=True)
class Bench:
    """A command ``make bench-<name>`` and its rows, in the package of the same name.

    versions : libraries told in the head. columns, cells : the head of a table, and the lines of one row below it.
    ground : ``module:function`` of the package, name of a ground -> the ground. minutes : a whole run, at most.
    compared : sections whose notes say with whom an answer was compared; elsewhere the table does.
    """

    name: str
    rows: tuple[Row, ...]
    sections: Mapping[str, str]
    versions: tuple[str, ...]
    columns: tuple[str, ...]
    cells: Callable[..., Iterator[Sequence[str]]]
    minutes: int
    ground: str = ""
    compared: tuple[str, ...] = ()

    def named(self, names: Sequence[str]) -> list[Row]:
        """The rows of these names, in the order of the table; all of them where none is named.

        Raises
        ------
        SystemExit : a name is of no row; all such names are told.
        """
        unknown = sorted(set(names) - {row.name for row in self.rows})
        if unknown:
            raise SystemExit(
                f"no such row: {', '.join(unknown)}. There are: {', '.join(row.name for row in self.rows)}"
            )
        return [row for row in self.rows if not names or row.name in names]

    def ground_of(self, name: str) -> Any:
        return self._part(self.ground)(name)

    def answered(self, row: Row, ground: Any, rounds: int) -> Outcome:
        """What a row finds, in this process."""
        made = self._part(row.work)(*(() if ground is None else (ground,)), **dict(row.options))
        return made if isinstance(made, Outcome) else decide(made, rounds)

    def _part(self, where: str) -> Callable[..., Any]:
        module, function = where.split(":")
        found: Callable[..., Any] = getattr(import_module(f"benchmarks.{self.name}.{module}"), function)
        return found


def bench_of(name: str) -> Bench:
    """The bench of a package of this folder."""
    found: Bench = import_module(f"benchmarks.{name}.rows").BENCH
    return found


def missing(row: Row) -> list[str]:
    """What a row needs and ``utopias`` does not have yet."""
    if not row.needs:
        return []
    import utopias as u
    from utopias.siting.solve import SOLVED_AIMS

    def there(need: str) -> bool:
        kind, _, aim = need.partition(" ")
        if aim:
            return aim in SOLVED_AIMS
        first, _, rest = kind.partition(".")
        return first in u.__all__ and (not rest or hasattr(getattr(u, first), rest))

    return [need for need in row.needs if not there(need)]


def at_least(floor: float, aim: float) -> Bar:
    return Bar(floor, aim)


def at_most(floor: float, aim: float) -> Bar:
    return Bar(floor, aim, at_least=False)
