"""``fukidashi series``: a series' glossary and translation memory, looked at, mended, brought in and taken out."""

from __future__ import annotations

import argparse

from fukidashi import cmd_series_glossary, cmd_series_memory
from fukidashi.help_text import Verbs


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    text = "a series' glossary and translation memory"
    description = "A series' glossary and translation memory."
    parser = commands.add_parser("series", help=text, description=description, formatter_class=Verbs)
    parts = parser.add_subparsers(metavar="WHAT", required=True)
    for name, what, add in (
        ("glossary", "names and terms with their translations", cmd_series_glossary.add_verbs),
        ("memory", "sentences that are translated already", cmd_series_memory.add_verbs),
    ):
        part = parts.add_parser(name, help=what, description=f"{what[0].upper()}{what[1:]}.", formatter_class=Verbs)
        add(part.add_subparsers(metavar="VERB", required=True))
