"""Bare machine code: made once by numba, loaded ever after without it.

numba takes a third of a second to load before it runs anything; a kernel that makes no arrays needs
nothing of it but the code itself. So the object code of such a kernel is kept as numba's LLVM made
it, and loaded through llvmlite in a few milliseconds. Calls let go of Python's lock.

The call follows numba's convention: a place for the result, a place for an error, and each array as
(owner, parent, items, bytes an item, data, shape..., strides...). Whether numba still calls so is
tested where the code is made, on the LLVM type of the function; where it does not, or where the code
needs anything from outside but C's own memory and mathematics, ``make`` says None and the kernel
runs through numba.
"""

from __future__ import annotations

import ctypes
import operator
import sys
import threading
from collections.abc import Callable
from types import FunctionType
from typing import Any

import numpy as np

from utopias.compiled import types as kinds

_C = {
    "int8": ctypes.c_int8, "int16": ctypes.c_int16, "int32": ctypes.c_int32, "int64": ctypes.c_int64,
    "uint8": ctypes.c_uint8, "uint16": ctypes.c_uint16, "uint32": ctypes.c_uint32, "uint64": ctypes.c_uint64,
    "float32": ctypes.c_float, "float64": ctypes.c_double, "boolean": ctypes.c_uint8,
}  # fmt: skip
_LLVM = {"float32": "float", "float64": "double", "boolean": "i8", "void": "ptr"}
_DTYPE = {"boolean": "bool"}
# What C and its mathematics give everywhere; anything else would have to come from numba.
_OUTSIDE = {"memset", "memcpy", "memmove", "sqrt", "exp", "log", "pow", "floor", "ceil", "fmod"}
_engines: list[Any] = []  # kept alive: the code lives as long as they do
_loading = threading.Lock()


def may_be_bare(signature: kinds.Signature) -> bool:
    """Whether the convention above covers a signature, on a machine on which it was tried."""
    returns = signature.returns
    plain = isinstance(returns, kinds.Scalar) and all(
        isinstance(kind, (kinds.Scalar, kinds.Array)) for kind in signature.takes
    )
    return plain and sys.platform == "linux" and sys.maxsize > 2**32


def make(function: FunctionType, signature: kinds.Signature) -> tuple[str, bytes] | None:
    """The name and the object code of a kernel; None where it cannot stand alone."""
    import llvmlite.binding as llvm
    import numba

    njit: Any = numba.njit
    made = njit(kinds.to_numba(signature), nogil=True, _nrt=False, no_cpython_wrapper=True, no_cfunc_wrapper=True)(
        function
    )
    result = next(iter(made.overloads.values()))
    name, library = result.fndesc.llvm_func_name, result.library
    module = library._final_module
    outside = {f.name for f in module.functions if f.is_declaration and not f.name.startswith("llvm.")}
    found = all(llvm.address_of_symbol(called) for called in outside)
    if not (found and outside <= _OUTSIDE) or _convention(str(module.get_function(name))) != _expected(signature):
        return None
    return name, bytes(library._get_compiled_object())


def load(name: str, code: bytes, signature: kinds.Signature) -> Callable[..., Any]:
    """A Python function that calls the code. It takes arrays of exactly the types said, contiguous, and numbers."""
    with _loading:
        address = _address(name, code)
    places: list[Any] = [ctypes.c_void_p, ctypes.c_void_p]
    for kind in signature.takes:
        if isinstance(kind, kinds.Array):
            places += [ctypes.c_void_p] * 2 + [ctypes.c_ssize_t] * 2 + [ctypes.c_void_p]
            places += [ctypes.c_ssize_t] * (2 * kind.ndim)
        else:
            places.append(_C[kind.name])  # type: ignore[union-attr]
    native = ctypes.CFUNCTYPE(ctypes.c_int32, *places)(address)
    checks = [_taker(kind, i) for i, kind in enumerate(signature.takes)]
    returns: Any = signature.returns
    room: Any = _C.get(returns.name, ctypes.c_void_p)
    back = bool if returns.name == "boolean" else (lambda value: value)

    def call(*given: Any) -> Any:
        if len(given) != len(checks):
            raise TypeError(f"{function_name(name)} takes {len(checks)} arguments, not {len(given)}")
        flat: list[Any] = []
        for check, value in zip(checks, given, strict=True):
            check(value, flat)
        result, fault = room(), ctypes.c_void_p()
        status = native(ctypes.addressof(result), ctypes.addressof(fault), *flat)
        if status not in (0, -2):  # numba: 0 done, -2 done and nothing to return
            raise ArithmeticError(f"{function_name(name)} stopped with status {status}: a division by zero")
        return None if returns.name == "void" else back(result.value)

    return call


def function_name(name: str) -> str:
    """The last part of a mangled name, for messages."""
    rest, parts = name.removeprefix("_ZN"), []
    while rest[:1].isdigit():
        digits = rest[: len(rest) - len(rest.lstrip("0123456789"))]
        parts.append(rest[len(digits) : len(digits) + int(digits)])
        rest = rest[len(digits) + int(digits) :]
    return parts[-1] if parts else name


def _address(name: str, code: bytes) -> int:
    import llvmlite.binding as llvm

    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    target = llvm.Target.from_triple(llvm.get_process_triple())
    engine = llvm.create_mcjit_compiler(
        llvm.parse_assembly(""), target.create_target_machine(codemodel="jitdefault", jit=True)
    )
    engine.add_object_file(llvm.ObjectFileRef.from_data(code))
    engine.finalize_object()
    _engines.append(engine)
    address: int = engine.get_function_address(name)
    if not address:
        raise RuntimeError(f"{name} is not in its own code")
    return address


def _taker(kind: Any, position: int) -> Callable[[Any, list[Any]], None]:
    """How one argument is tested and laid out."""
    if isinstance(kind, kinds.Array):
        wanted = np.dtype(_DTYPE.get(kind.of.name, kind.of.name))
        ndim, readonly = kind.ndim, kind.readonly

        def array(value: Any, flat: list[Any]) -> None:
            if not isinstance(value, np.ndarray) or value.dtype != wanted or value.ndim != ndim:
                told = f"{value.dtype} of {value.ndim}" if isinstance(value, np.ndarray) else type(value).__name__
                raise TypeError(f"argument {position} is {told}, not an array {wanted} of {ndim} dimensions")
            if not value.flags.c_contiguous or not (readonly or value.flags.writeable):
                raise TypeError(f"argument {position} must be contiguous{'' if readonly else ' and writeable'}")
            data = value.__array_interface__["data"][0]
            flat += (None, None, value.size, value.itemsize, data, *value.shape, *value.strides)

        return array
    if kind.name.startswith("float"):
        return lambda value, flat: flat.append(float(value))
    return lambda value, flat: flat.append(operator.index(value) if kind.name != "boolean" else int(bool(value)))


def _expected(signature: kinds.Signature) -> list[str]:
    """The LLVM types of the convention: result, error, arguments."""
    told = ["ptr", "ptr"]
    for kind in signature.takes:
        if isinstance(kind, kinds.Array):
            told += ["ptr", "ptr", "i64", "i64", "ptr", *["i64"] * (2 * kind.ndim)]
        else:
            name = kind.name  # type: ignore[union-attr]
            told.append(_LLVM.get(name) or f"i{name.removeprefix('u').removeprefix('int')}")
    return told


def _convention(definition: str) -> list[str]:
    """The types of the parameters of an LLVM function, from its text."""
    head = definition[definition.index("@") :]
    head = head[head.index("(") + 1 : head.index("{")]
    head = head[: head.rindex(")")]
    depth, parts, part = 0, [], ""
    for letter in head:
        depth += (letter in "([{<") - (letter in ")]}>")
        if letter == "," and depth == 0:
            parts.append(part)
            part = ""
        else:
            part += letter
    return [one.split()[0] for one in [*parts, part] if one.strip()]
