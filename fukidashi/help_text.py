"""How ``--help`` lists commands: each on one line with what it does."""

from __future__ import annotations

import argparse


class Verbs(argparse.HelpFormatter):
    """With room for the longest verb: argparse forgets that verbs are indented."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog)
        self._action_max_length = 14
