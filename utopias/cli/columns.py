"""How wide each column of a table may be, so that on a narrow screen no column vanishes and no number is cut.

Heads and names fold at their spaces; a table for which even that is too wide is told row by row (``None``).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from rich.cells import cell_len

# Cells of the first column where there is room; between two columns; a cell of up to so many is a number with its unit and stays in one piece; a name's least.
FIRST, BETWEEN, WHOLE, NAME = 16, 2, 14, 10


def fitted(
    heads: Sequence[str], rows: Sequence[Sequence[str]], texts: int | Collection[int], width: int
) -> list[int] | None:
    """(columns,) cells of each column, ``width`` in all at most; None where that cannot be.

    texts : how many columns from the left are names, or which. What is left over goes where most has to fold.
    """
    names = set(range(texts)) if isinstance(texts, int) else set(texts)
    columns = [[head, *(row[i] for row in rows)] for i, head in enumerate(heads)]
    natural = [max(cell_len(text) for text in column) for column in columns]
    natural[0] = max(natural[0], FIRST)
    room = width - BETWEEN * (len(heads) - 1)
    if sum(natural) <= room:
        return natural
    fits = [
        min(natural[i], max(_longest_word(column[0]), *(_least(text, i in names) for text in column[1:]), 1))
        for i, column in enumerate(columns)
    ]
    if sum(fits) > room:
        return None
    # Heads of numbers stay in one line where names can fold in their stead: a head in two lines reads as two columns.
    whole = [fit if i in names else natural[i] for i, fit in enumerate(fits)]
    if sum(whole) <= room:
        fits = whole
    for _ in range(room - sum(fits)):
        most = max(range(len(fits)), key=lambda i: natural[i] / fits[i])  # the one with most lines
        fits[most] += 1
    return fits


def _least(text: str, is_name: bool) -> int:
    if is_name or cell_len(text) > WHOLE:
        return max(_longest_word(text), min(NAME, cell_len(text)))
    return cell_len(text)


def _longest_word(text: str) -> int:
    return max((cell_len(word) for word in text.split()), default=0)
