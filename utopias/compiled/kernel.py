"""The one door to machine code: a loop that numpy cannot run is declared here, and nobody waits for it in vain.

A kernel is an ordinary Python function with a signature. Each call asks how much work it is and takes
the first that holds:

1. its code is loaded: use it;
2. the work is tiny: run the Python function itself, which is done before code could be loaded;
3. code made earlier lies on the disk: load it (a few milliseconds, and without numba where it can);
4. the work is small: run the Python function itself, which is done before code could be made;
5. make the code, say so, and keep it for ever after.

Work done as Python adds up over the calls, so a thousand tiny calls are one that is not tiny.
All ways give the same results; ``tests/compiled`` runs every kernel all ways. Each kernel is made
alone, the first time it is needed; ``utopias warm`` makes them all.
"""

# mypy: allow-untyped-defs

from __future__ import annotations

import logging
import math
import os
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FunctionType
from typing import Any

import numpy as np

from utopias.compiled import machine, store
from utopias.compiled.types import Array, Signature, to_numba

TINY = 20_000  # turns of the inner loop: about 20 ms as Python, what loading the first code takes
SMALL = 300_000  # turns: about a third of a second as Python; to make code takes one to ten
UNKNOWN = math.inf  # work that nobody stated: code is made
WAYS = ("", "machine", "python")  # as the work asks; always code; never code

Hearer = Callable[[str, float], None]
_log = logging.getLogger("utopias")
_registered: dict[str, Kernel] = {}


class _Settings:
    """How kernels run in this process. ``UTOPIAS_KERNELS`` says it from outside; tests say "machine"."""

    way = os.environ.get("UTOPIAS_KERNELS", "")
    hear: Hearer | None = None


class Kernel:
    """One declared loop. Calling it runs it in the way that fits its work; see the file's first lines."""

    def __init__(
        self,
        function: FunctionType,
        signature: Signature | None,
        *,
        work: Callable[..., float] | None,
        compiles_in: float,
        allocates: bool,
    ) -> None:
        self.py_func = function
        self.signature = signature
        self.compiles_in = compiles_in
        self.allocates = allocates
        self.__name__ = function.__name__
        self.__doc__ = function.__doc__
        self.__module__ = function.__module__
        self._work = work
        self._ready: Callable[..., Any] | None = None
        self._plain: Callable[..., Any] | None = None
        self._dispatcher: Any = None
        self._name = ""
        self._spent = 0.0  # turns run as Python so far
        self._lock = threading.RLock()

    def __repr__(self) -> str:
        return f"<kernel {self.__module__}.{self.__name__}>"

    def __call__(self, *args: Any) -> Any:
        if self._ready is not None and _Settings.way != "python":
            return self._ready(*args)  # there is nothing to weigh any more
        return self.for_work(UNKNOWN if self._work is None else self._work(*args))(*args)

    def for_work(self, turns: float) -> Callable[..., Any]:
        """The way to run about so many turns of the inner loop; ``UNKNOWN`` where nobody can say."""
        way = _Settings.way
        if way == "python":
            return self.plain
        if self._ready is not None:
            return self._ready
        spent = self._spent + turns
        if way != "machine" and spent <= TINY:
            self._spent = spent
            return self.plain
        with self._lock:
            if self._ready is None and not self.load():
                if way != "machine" and spent <= SMALL:
                    self._spent = spent
                    return self.plain
                self.make()
            assert self._ready is not None
            return self._ready

    @property
    def plain(self) -> Callable[..., Any]:
        """The Python function itself; a whole number that outgrows its type is an error, never another number."""
        if self._plain is None:
            run = _as_python(self.py_func, {})

            def plain(*args: Any) -> Any:
                with np.errstate(over="raise"):
                    return run(*args)

            self._plain = self._fitted(plain)
        return self._plain

    def load(self) -> bool:
        """Take code from the disk; whether there was any. Makes none."""
        if self._ready is not None:
            return True
        if self.signature is None:
            return False
        kept = store.read(self._source, self.name)
        if kept is None:
            return False
        symbol, _, code = kept.partition(b"\n")
        if symbol:
            self._ready = self._fitted(machine.load(symbol.decode(), code, self.signature))
        elif code == self._kept_by_numba():
            self._ready = self._fitted(interruptible(self.dispatcher))
        return self._ready is not None

    def kept_in(self) -> list[Path]:
        """The folders on the disk that hold its code: ours, and numba's where it needs numba beside it."""
        ours = store.find(self._source, self.name)
        numbas = [] if self._dispatcher is None else [Path(self._dispatcher.stats.cache_path)]
        return ([] if ours is None else [ours]) + numbas

    def make(self) -> float:
        """Make the code and keep it; returns the seconds it took. Nothing is made twice."""
        with self._lock:
            if self.load():
                return 0.0
            started = time.perf_counter()
            told = f"{self.__module__}.{self.__name__}"
            _log.info("compiling %s once, about %.0f s", told, self.compiles_in)
            if _Settings.hear is not None:
                _Settings.hear(told, self.compiles_in)
            made = None
            if self.signature is not None and not self.allocates and machine.may_be_bare(self.signature):
                made = machine.make(self.py_func, self.signature)
            if made is not None and self.signature is not None:
                symbol, code = made
                store.write(self._source, self.name, symbol.encode() + b"\n" + code)
                self._ready = self._fitted(machine.load(symbol, code, self.signature))
            else:
                self._ready = self._fitted(interruptible(self.dispatcher))
                if self.signature is not None:
                    store.write(self._source, self.name, b"\n" + self._kept_by_numba())
            return time.perf_counter() - started

    def _fitted(self, run: Callable[..., Any]) -> Callable[..., Any]:
        """Let arrays that are only read be strided, or of a narrower type: they are copied into the one that is said."""
        if self.signature is None:
            return run
        read = [
            (i, np.dtype("bool" if kind.of.name == "boolean" else kind.of.name))
            for i, kind in enumerate(self.signature.takes)
            if isinstance(kind, Array) and kind.readonly
        ]

        def fit(*args: Any) -> Any:
            for i, wanted in read:
                given = args[i] if i < len(args) else None
                if not isinstance(given, np.ndarray) or (given.dtype == wanted and given.flags.c_contiguous):
                    continue
                if np.can_cast(given.dtype, wanted, "safe"):
                    args = (*args[:i], np.ascontiguousarray(given, dtype=wanted), *args[i + 1 :])
            return run(*args)

        return fit

    @property
    def dispatcher(self) -> Any:
        """numba's own object, which other kernels call when they are made."""
        if self._dispatcher is None:
            import numba

            njit: Any = numba.njit
            made = njit(nogil=True)(self.py_func)
            made.enable_caching()
            # numba looks at this file's clock alone, and would load code made with a part that has changed since.
            keyed, name = made._cache._index_key, self.name
            made._cache._index_key = lambda *asked: (*keyed(*asked), name)
            if self.signature is not None:
                made.compile(to_numba(self.signature))
                made.disable_compile()
            self._dispatcher = made
        return self._dispatcher

    @property
    def _numba_type_(self) -> Any:
        # numba asks for this where another kernel calls this one.
        return self.dispatcher._numba_type_

    @property
    def name(self) -> str:
        """The name of its code on the disk."""
        if not self._name:
            self._name = store.name_of(self.py_func, self.signature, self.allocates)
        return self._name

    def _kept_by_numba(self) -> bytes:
        """A note that numba has the code in its own cache; that one is out of date once the source's clock moves."""
        return f"numba {os.stat(self._source).st_mtime_ns}".encode()

    @property
    def _source(self) -> str:
        return self.py_func.__code__.co_filename


def interruptible(run: Callable[..., Any]) -> Callable[..., Any]:
    """``run``, where a Ctrl-C that came while it ran is a Ctrl-C: numba hands it on as a SystemError about its own result."""

    def heard(*args: Any) -> Any:
        try:
            return run(*args)
        except SystemError as error:
            cause: BaseException | None = error
            while cause is not None and not isinstance(cause, KeyboardInterrupt):
                cause = cause.__cause__ or cause.__context__
            if cause is None:
                raise
            raise KeyboardInterrupt from None

    return heard


def kernel(
    signature: Signature | None = None,
    *,
    work: Callable[..., float] | None = None,
    compiles_in: float = 1.0,
    allocates: bool = False,
) -> Callable[[Any], Kernel]:
    """Declare a kernel.

    Parameters
    ----------
    signature : of ``utopias.compiled.types``; None for a part that only other kernels call.
    work : from the arguments, about how many turns its inner loop makes; None: not known, so its code is
        always used (see ``for_work`` for callers who know).
    compiles_in : seconds it takes to make, told to whoever waits.
    allocates : it makes arrays, and so needs numba beside it.
    """

    def declare(function: Any) -> Kernel:
        made = Kernel(function, signature, work=work, compiles_in=compiles_in, allocates=allocates)
        if signature is not None:
            _registered[f"{function.__module__}.{function.__qualname__} {signature}"] = made
        return made

    return declare


def prepare(kernels: Iterable[Kernel], turns: float) -> None:
    """Have the code of several kernels ready for work that each will do in many calls: before a clock starts."""
    for one in kernels:
        one.for_work(turns)


def registered() -> list[Kernel]:
    """Every kernel declared by the files loaded so far."""
    return list(_registered.values())


@contextmanager
def always(way: str) -> Iterator[None]:
    """Run every kernel in one of ``WAYS`` inside the block: for tests and benchmarks."""
    before = _Settings.way
    _Settings.way = way
    try:
        yield
    finally:
        _Settings.way = before


@contextmanager
def heard_by(hear: Hearer) -> Iterator[None]:
    """Tell ``hear(kernel, seconds expected)`` before each compilation inside the block."""
    before = _Settings.hear
    _Settings.hear = hear
    try:
        yield
    finally:
        _Settings.hear = before


def turns_of(*arrays: Any) -> float:
    """The items of all arrays together: the work of a loop that passes once over each."""
    return float(sum(array.size for array in arrays if isinstance(array, np.ndarray)))


def _as_python(function: FunctionType, made: dict[FunctionType, FunctionType]) -> FunctionType:
    """The function with every kernel it calls replaced by that kernel's own function, all the way down."""
    if function not in made:
        names = dict(function.__globals__)
        made[function] = FunctionType(
            function.__code__, names, function.__name__, function.__defaults__, function.__closure__
        )
        for name in function.__code__.co_names:
            called = getattr(names.get(name), "py_func", None)
            if isinstance(called, FunctionType):
                names[name] = _as_python(called, made)
    return made[function]
