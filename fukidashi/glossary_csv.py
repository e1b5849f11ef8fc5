"""A glossary as a table for spreadsheets: one row for each translation of a term."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from typing import Any

from contract.errors import BadMessage
from contract.glossary import Rendering, Term
from fukidashi.errors import BadInput

COLUMNS = (
    "term",
    "kind",
    "target",
    "translation",
    "status",
    "origin",
    "aliases",
    "gender",
    "register",
    "notes",
)
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def read_csv(text: str) -> tuple[Term, ...]:
    """Rows of the same term are one term. Only ``term`` is needed of the columns; aliases are separated by ``|``.

    Raises :class:`BadInput`, naming the row.
    """
    rows = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")), strict=True)
    try:
        heads = [(name or "").strip().lower() for name in rows.fieldnames or ()]
        _check_heads(heads)
        rows.fieldnames = heads
        terms: dict[str, Term] = {}
        for number, row in enumerate(rows, start=2):
            if None in row:
                raise BadInput(f"row {number} has more cells than there are columns")
            term = _term(row, number)
            known = terms.get(term.id)
            terms[term.id] = known.merged(term) if known else term
    except csv.Error as error:
        raise BadInput(f"not CSV: {error}") from None
    return tuple(terms.values())


def write_csv(terms: Iterable[Term]) -> str:
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\n")
    table.writerow(COLUMNS)
    for term in terms:
        renderings: list[tuple[str, Rendering | None]] = sorted(term.translations.items()) or [("", None)]
        for tag, one in renderings:
            said = (one.text, one.status.value, one.origin.value) if one else ("", "", "")
            row = (term.term, term.kind.value, tag, *said, "|".join(term.aliases), term.gender, term.register)
            table.writerow([_guarded(cell) for cell in (*row, term.notes)])
    return out.getvalue()


def _check_heads(heads: list[str]) -> None:
    if "term" not in heads:
        raise BadInput("it has no column named term")
    unknown = [name for name in heads if name not in COLUMNS]
    if unknown or len(set(heads)) != len(heads):
        raise BadInput(f"its columns may be {', '.join(COLUMNS)}, each once")


def _term(row: dict[str, Any], number: int) -> Term:
    cells = {name: _unguarded((value or "").strip()) for name, value in row.items()}
    document: dict[str, Any] = {"term": cells["term"]}
    document |= {name: cells[name] for name in ("kind", "gender", "register", "notes") if cells.get(name)}
    if aliases := [alias.strip() for alias in cells.get("aliases", "").split("|") if alias.strip()]:
        document["aliases"] = aliases
    if cells.get("translation"):
        if not cells.get("target"):
            raise BadInput(f"row {number} has a translation and no target language")
        said = {name: cells[name] for name in ("status", "origin") if cells.get(name)}
        document["translations"] = {cells["target"]: {"text": cells["translation"], **said}}
    try:
        return Term.from_json(document, "")
    except BadMessage as error:
        raise BadInput(f"row {number}: {error}") from None


def _guarded(cell: str) -> str:
    """A cell that a spreadsheet would take for a formula is marked as text."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def _unguarded(cell: str) -> str:
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(_FORMULA) else cell
