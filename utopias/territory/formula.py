"""Arithmetic on columns, written by a planner in a text file and never executed as a program.

``P_60YMAS``, ``0.43 * POBTOT``, ``(P_15A17 + P_18A24) / 2``; a name with blanks or accents goes in
quotes: ``0.1 * "Población total"``. Only numbers, column names, ``+ - * /`` and brackets are known.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from utopias.domain.arrays import Floats
from utopias.domain.errors import Fault, TableError
from utopias.domain.sentences import Sentence

_OPERATIONS: dict[type[ast.operator], Callable[[Floats, Floats], Floats]] = {
    ast.Add: np.add,
    ast.Sub: np.subtract,
    ast.Mult: np.multiply,
    ast.Div: np.divide,
}
LONGEST = 2_000  # characters; a formula is a line, not a program


@dataclass(frozen=True, slots=True)
class Formula:
    """A checked expression. ``names``: the columns it reads, in the order they are written."""

    text: str
    names: tuple[str, ...]
    _tree: ast.expr

    def value(self, column: Callable[[str], Floats]) -> Floats:
        """The formula's value row by row; ``column(name)`` gives each column as numbers.

        A division by zero gives inf or NaN, which the reader of the result reports as no number.
        """
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            return _value(self._tree, column)


def formula(text: str) -> Formula:
    """Read ``text`` as arithmetic on columns.

    Raises
    ------
    TableError : ``bad-formula``: the text is no arithmetic, calls something, or names no column.
    """
    try:
        if len(text) > LONGEST:
            raise SyntaxError(Sentence("longer than {longest:,} characters", longest=LONGEST))
        tree = ast.parse(text.strip(), mode="eval").body
        names = tuple(dict.fromkeys(_names(tree)))
        if not names:
            raise SyntaxError(Sentence("it names no column"))
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        reason = error.msg if isinstance(error, SyntaxError) else str(error)
        raise TableError(
            Fault(
                code="bad-formula",
                what=Sentence("{text!r} is not arithmetic on columns: {reason}", text=text, reason=reason),
                mend="write numbers, column names (with blanks: in quotes), + - * / and brackets: 0.43 * POBTOT",
            )
        ) from None
    return Formula(text.strip(), names, tree)


def sum_of(names: tuple[str, ...]) -> Formula:
    """The sum of one or more columns, whatever their names."""
    tree: ast.expr = ast.Constant(names[0])
    for name in names[1:]:
        tree = ast.BinOp(tree, ast.Add(), ast.Constant(name))
    return Formula(" + ".join(names), names, tree)


def _names(node: ast.expr) -> list[str]:
    """The columns below ``node``; anything but arithmetic is a SyntaxError that says what it was."""
    if isinstance(node, ast.BinOp) and type(node.op) in _OPERATIONS:
        return _names(node.left) + _names(node.right)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.UAdd):
        return _names(node.operand)
    if isinstance(node, ast.Name):
        return [node.id]
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return [node.value]
    if isinstance(node, ast.Constant) and type(node.value) in (int, float):
        return []
    raise SyntaxError(Sentence("{part!r} is not allowed", part=ast.unparse(node)))


def _value(node: ast.expr, column: Callable[[str], Floats]) -> Floats:
    if isinstance(node, ast.BinOp):
        return _OPERATIONS[type(node.op)](_value(node.left, column), _value(node.right, column))
    if isinstance(node, ast.UnaryOp):
        inner = _value(node.operand, column)
        return -inner if isinstance(node.op, ast.USub) else inner
    if isinstance(node, ast.Name):
        return column(node.id)
    assert isinstance(node, ast.Constant)
    return column(node.value) if isinstance(node.value, str) else np.asarray(float(node.value))  # type: ignore[arg-type]
