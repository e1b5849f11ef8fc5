"""The translator's process on tiny stages: ``PAUSE`` seconds in ``detect``, ``BROKEN`` models."""

from __future__ import annotations

import os
import sys

from tests.translator.tiny_stages import Script, TinyFactory
from translator.__main__ import main
from translator.config import Config
from translator.stages import StageFactory


def load(config: Config) -> StageFactory:
    if os.environ.get("BROKEN"):
        raise FileNotFoundError("there is no such model")
    return TinyFactory(Script(pauses={"detect": float(os.environ.get("PAUSE", "0"))}))


if __name__ == "__main__":
    sys.exit(main(os.environ, load))
