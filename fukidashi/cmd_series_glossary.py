"""``fukidashi series glossary``: a series' names and terms."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

from rich.text import Text

from contract.errors import BadMessage
from contract.glossary import Glossary, Rendering, Term, TermKind, TermStatus
from fukidashi.client import Client
from fukidashi.columns import tell_rows
from fukidashi.errors import BadInput, NotFound, UsageError
from fukidashi.glossary_csv import read_csv, write_csv
from fukidashi.memory import read_bytes
from fukidashi.series_verbs import Verbs, add_verb, kind_of, out, save, say, tag, write

_STYLES = {TermStatus.ACCEPTED: "green", TermStatus.PROPOSED: "yellow", TermStatus.REJECTED: "dim"}


def add_verbs(verbs: Verbs) -> None:
    """Adds the verbs to a parser."""
    listed = add_verb(verbs, "list", _list_terms, "show the terms")
    listed.add_argument("--status", choices=list(TermStatus), type=TermStatus, metavar="STATUS",
                        help=f"only these: {', '.join(TermStatus)}")  # fmt: skip
    added = add_verb(verbs, "add", _add_term, "add a term, or say something else of one")
    added.add_argument("term", metavar="TERM", help="as the source language writes it")
    added.add_argument("translation", metavar="TRANSLATION")
    added.add_argument("--to", type=tag, default="en", metavar="LANG", help="the target language (default en)")
    added.add_argument("--kind", choices=list(TermKind), type=TermKind, default=TermKind.OTHER, metavar="KIND",
                       help=f"{', '.join(TermKind)}")  # fmt: skip
    added.add_argument("--alias", action="append", default=[], metavar="ALIAS", help="another form of it; repeatable")
    for name, text in (("gender", "she, he, they, …"), ("register", "how they speak"), ("notes", "for translators")):
        added.add_argument(f"--{name}", default="", metavar="TEXT", help=text)
    for name, verb, text in (
        ("accept", _accept, "accept what a model has proposed"),
        ("reject", _reject, "reject it: it will not be proposed again"),
    ):
        decided = add_verb(verbs, name, verb, text)
        decided.add_argument("term", metavar="TERM", nargs="?", help="the term or its id")
        decided.add_argument("--all", action="store_true", dest="everything", help="everything that is proposed")
        decided.add_argument("--to", type=tag, metavar="LANG", help="only into this language")
    removed = add_verb(verbs, "remove", _remove, "remove a term")
    removed.add_argument("term", metavar="TERM", help="the term or its id")
    add_verb(verbs, "import", _import_terms, "merge a table of terms (.csv) or a glossary (.json)").add_argument(
        "file", type=Path, metavar="FILE"
    )
    add_verb(verbs, "export", _export_terms, "write the glossary as .csv or .json").add_argument(
        "file", type=Path, metavar="FILE"
    )


def _list_terms(options: argparse.Namespace, client: Client) -> None:
    terms = [term for term in _glossary(client, options.series).terms if _is_shown(term, options.status)]
    if options.json:
        write({"schema": 1, "terms": [term.to_json() for term in terms]})
    elif terms:
        rows = [row for term in terms for row in _rows(term, options.status)]
        tell_rows(out(), ("term", "kind", "to", "translation", "status", "id"), rows, right=frozenset())
    else:
        say("no terms")


def _add_term(options: argparse.Namespace, client: Client) -> None:
    try:
        term = Term.from_json(
            {
                "term": options.term,
                "kind": options.kind.value,
                "aliases": options.alias,
                "gender": options.gender,
                "register": options.register,
                "notes": options.notes,
                "translations": {options.to: options.translation},
            },
            "",
        )
    except BadMessage as error:
        raise UsageError(str(error)) from None
    _show(options, client.merge_terms(options.series, (term,)))


def _accept(options: argparse.Namespace, client: Client) -> None:
    _decide(options, client, accept=True)


def _reject(options: argparse.Namespace, client: Client) -> None:
    _decide(options, client, accept=False)


def _decide(options: argparse.Namespace, client: Client, *, accept: bool) -> None:
    if bool(options.term) == options.everything:
        raise UsageError("name a term, or take --all")
    decide = client.accept_term if accept else client.reject_term
    if options.term:
        _show(options, [decide(options.series, _term_id(options.term), target=options.to)])
        return
    proposed = [term for term in _glossary(client, options.series).terms if term.has(TermStatus.PROPOSED)]
    _show(options, [decide(options.series, term.id, target=options.to) for term in proposed])


def _remove(options: argparse.Namespace, client: Client) -> None:
    client.remove_term(options.series, _term_id(options.term))
    if options.json:
        write({"schema": 1, "removed": _term_id(options.term)})
    else:
        say(f"{options.term} is removed")


def _import_terms(options: argparse.Namespace, client: Client) -> None:
    body = read_bytes(options.file)
    try:
        if kind_of(options.file, ".csv", ".json") == ".json":
            terms = Glossary.parse(body).terms
        else:
            terms = read_csv(_decoded(body))
    except (BadInput, BadMessage) as error:
        raise BadInput(f"{options.file}: {error}") from None
    merged = client.merge_terms(options.series, terms) if terms else ()
    if options.json:
        write({"schema": 1, "terms": [term.to_json() for term in merged]})
    else:
        say(f"terms merged: {len(merged)}")


def _export_terms(options: argparse.Namespace, client: Client) -> None:
    kind = kind_of(options.file, ".csv", ".json")
    glossary = _glossary(client, options.series)
    if kind == ".csv":
        # With a byte order mark, without which spreadsheets take it for another encoding.
        body = write_csv(glossary.terms).encode("utf-8-sig")
    else:
        body = json.dumps(glossary.to_json(), ensure_ascii=False, indent=1).encode() + b"\n"
    save(options, body, f"terms written: {len(glossary.terms)}")


def _glossary(client: Client, series: str) -> Glossary:
    try:
        return client.get_glossary(series).glossary
    except NotFound:
        return Glossary()


def _term_id(term: str) -> str:
    """A term by its own words, or by its id."""
    return term if term.startswith("t-") and len(term) == 22 else Term(term).id


def _is_shown(term: Term, status: TermStatus | None) -> bool:
    return status is None or term.has(status)


def _rows(term: Term, status: TermStatus | None) -> list[tuple[Text, ...]]:
    renderings: list[tuple[str, Rendering | None]] = sorted(term.translations.items()) or [("", None)]
    shown = [(tag, one) for tag, one in renderings if status is None or (one and one.status is status)]
    return [
        (
            Text(term.term, "bold"),
            Text(term.kind.value),
            Text(tag),
            Text(one.text if one else ""),
            Text(one.status.value, _STYLES[one.status]) if one else Text(""),
            Text(term.id, "dim"),
        )
        for tag, one in shown
    ]


def _show(options: argparse.Namespace, terms: Sequence[Term]) -> None:
    if options.json:
        write({"schema": 1, "terms": [term.to_json() for term in terms]})
    elif terms:
        rows = [row for term in terms for row in _rows(term, None)]
        tell_rows(out(), ("term", "kind", "to", "translation", "status", "id"), rows, right=frozenset())
    else:
        say("no terms")


def _decoded(body: bytes) -> str:
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BadInput("not UTF-8: save it as CSV UTF-8") from None
