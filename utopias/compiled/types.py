"""The types of a kernel, written as numba writes them and known without numba.

``types.void(types.Array(types.int32, 1, "C", readonly=True), types.int64)`` is a signature. Nothing is
loaded until a kernel must be compiled: then ``to_numba`` says the same in numba's own words.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Scalar:
    """A number or a truth. ``name`` is numba's; called with the types of the arguments it makes a signature."""

    name: str

    def __call__(self, *takes: Kind) -> Signature:
        return Signature(self, takes)


@dataclass(frozen=True)
class Array:
    """Arrays of one kind of number. Only layout "C" is known here; ``readonly``: the kernel only reads it."""

    of: Scalar
    ndim: int
    layout: str = "C"
    readonly: bool = False

    def __call__(self, *takes: Kind) -> Signature:
        return Signature(self, takes)


@dataclass(frozen=True)
class Tuple:
    """Several results at once."""

    parts: tuple[Scalar | Array, ...]

    def __call__(self, *takes: Kind) -> Signature:
        return Signature(self, takes)


Kind = Scalar | Array | Tuple


@dataclass(frozen=True)
class Signature:
    """What a kernel returns and takes."""

    returns: Kind
    takes: tuple[Kind, ...]


void = Scalar("void")
boolean = Scalar("boolean")
int8, int16, int32, int64 = (Scalar(f"int{bits}") for bits in (8, 16, 32, 64))
uint8, uint16, uint32, uint64 = (Scalar(f"uint{bits}") for bits in (8, 16, 32, 64))
float32, float64 = Scalar("float32"), Scalar("float64")

# Flat arrays as kernels take them, read only, and as they fill them.
I4, I8, F8, B1 = (Array(kind, 1, readonly=True) for kind in (int32, int64, float64, boolean))
OUT_I4, OUT_I8, OUT_F8, OUT_B1 = (Array(kind, 1) for kind in (int32, int64, float64, boolean))


def to_numba(kind: Kind | Signature) -> Any:
    """The same in numba's own types."""
    import numba

    types: Any = numba.types
    if isinstance(kind, Signature):
        return to_numba(kind.returns)(*map(to_numba, kind.takes))
    if isinstance(kind, Array):
        return types.Array(to_numba(kind.of), kind.ndim, kind.layout, readonly=kind.readonly)
    if isinstance(kind, Tuple):
        return types.Tuple(tuple(map(to_numba, kind.parts)))
    return getattr(types, kind.name)
