"""Rows in columns, for people: as wide as what is in them; on a terminal, a row is one line."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

_GAP = 2


def tell_rows(console: Console, heads: Sequence[str], rows: Sequence[Sequence[Text]], *, right: frozenset[int]) -> None:
    """``right`` are the columns that end flush. Into a file or a pipe a row goes whole, however long it is."""
    table = [[Text(head, "dim") for head in heads], *rows]
    widths = [max(cell_len(row[column].plain) for row in table) for column in range(len(heads))]
    for row in table:
        line = _line(row, widths, right)
        if console.is_terminal:
            console.print(line, no_wrap=True, overflow="ellipsis", crop=True, highlight=False)
        else:
            console.print(line, soft_wrap=True, highlight=False)


def _line(row: Sequence[Text], widths: Sequence[int], right: frozenset[int]) -> Text:
    """The last column has no room after it."""
    line = Text()
    for column, (cell, width) in enumerate(zip(row, widths, strict=True)):
        room = " " * (width - cell_len(cell.plain))
        last = column == len(widths) - 1
        line.append_text(Text.assemble(room, cell) if column in right else Text.assemble(cell, "" if last else room))
        line.append("" if last else " " * _GAP)
    return line
