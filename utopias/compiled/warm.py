"""Every kernel of the program, made before anybody needs it."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import NamedTuple

from utopias.compiled.kernel import Kernel, registered

_MARK = "from utopias.compiled.kernel import"


class Warmed(NamedTuple):
    """One kernel, and the seconds it took to make; 0 where its code was there already."""

    kernel: str
    seconds: float


def every_kernel() -> list[Kernel]:
    """All kernels of the package, in order of their names: of each file that declares any.

    A file that makes kernels of several types when asked says so by a function ``all_kernels``, which asks for each.
    """
    root = Path(__file__).parents[1]
    for file in sorted(root.rglob("*.py")):
        if file.parent != Path(__file__).parent and _MARK in file.read_text(encoding="utf-8"):
            module = import_module(".".join((root.name, *file.relative_to(root).with_suffix("").parts)))
            if hasattr(module, "all_kernels"):
                module.all_kernels()
    return sorted(registered(), key=lambda one: (one.__module__, one.__name__, str(one.signature)))


def warm() -> Iterator[Warmed]:
    """Make the code of every kernel that has none yet, one after the other, and tell each."""
    for one in every_kernel():
        yield Warmed(f"{one.__module__.removeprefix('utopias.')}.{one.__name__}", one.make())
