"""The kinds of array that nouns are made of, named once for the type checker."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]
Ints: TypeAlias = NDArray[np.int32]
Longs: TypeAlias = NDArray[np.int64]
Bools: TypeAlias = NDArray[np.bool_]
Texts: TypeAlias = NDArray[np.object_]  # of str: keys keep their zeros and letters
AnyArray: TypeAlias = NDArray[Any]


def texts(values: object) -> Texts:
    """An object array of str from any sequence, never shortened to a fixed width."""
    listed = [str(value) for value in values]  # type: ignore[attr-defined]
    array = np.empty(len(listed), dtype=object)
    array[:] = listed
    return array


def frozen(array: AnyArray) -> Any:
    """The same array, closed for writing: what a noun holds does not change under it."""
    if not array.flags.writeable:
        return array
    view = array.view()
    view.flags.writeable = False
    return view
