"""The engines that ship: the one module of the container that knows them by name."""

from __future__ import annotations

import json
from collections.abc import Mapping

from translator.config import Config
from translator.engines.geometric_orderer import GeometricOrderer
from translator.engines.gloss import Gloss
from translator.engines.keyless import KeylessTranslator
from translator.engines.ppocr_detector import DetectorSettings, PpOcrDetector
from translator.engines.ppocr_models import Device
from translator.engines.ppocr_reader import PpOcrReader, ReaderSettings
from translator.pipeline.alphabets import LANGUAGES
from translator.pipeline.clean import CropCleaner
from translator.pipeline.fonts import FontBook
from translator.pipeline.memory import MemoryFormatError, TranslationMemory
from translator.pipeline.pipeline import Stages
from translator.pipeline.typeset import BalloonTypesetter
from translator.stages import BadMemory, Unsupported

DEFAULT = "default"
_SCRIPTS = {"cn": "zh-Hans", "sg": "zh-Hans", "hans": "zh-Hans", "tw": "zh-Hant", "hk": "zh-Hant", "hant": "zh-Hant"}


def load_engines(config: Config) -> Engines:
    """Loads every model; takes seconds. Raises what an engine raises that lacks its files."""
    return Engines(config)


class Engines:
    """The default engines, as a :class:`~translator.stages.StageFactory`. Jobs share the loaded models."""

    def __init__(self, config: Config) -> None:
        threads, device = config.threads_a_reader, Device(config.device)
        self._detector = PpOcrDetector(DetectorSettings(threads=threads, device=device))
        self._reader = PpOcrReader(ReaderSettings(threads=threads, device=device))
        self._orderer, self._cleaner = GeometricOrderer(), CropCleaner()
        self._typesetter = BalloonTypesetter(FontBook(config.fonts_dir))
        self._gloss = Gloss()

    @property
    def engines(self) -> Mapping[str, str]:
        return self._stages("ja", None).names

    def check(self, *, source: str, target: str, translator: str) -> None:  # noqa: ARG002 - what has no font says so
        if translator != DEFAULT:
            raise Unsupported("options.translator", f"the only one configured is {DEFAULT}")
        reading_language(source)

    def stages(self, *, source: str, target: str, translator: str, memory: bytes | None) -> Stages:
        self.check(source=source, target=target, translator=translator)
        return self._stages(reading_language(source), _memory(memory))

    def _stages(self, language: str, memory: TranslationMemory | None) -> Stages:
        return Stages(
            detector=self._detector,
            reader=self._reader.for_language(language),
            orderer=self._orderer,
            translator=KeylessTranslator(memory, self._gloss),
            cleaner=self._cleaner,
            typesetter=self._typesetter,
        )


def reading_language(tag: str) -> str:
    """The reader's language for a BCP 47 tag (``zh-TW`` is ``zh-Hant``). Raises :class:`Unsupported`."""
    primary, *rest = tag.split("-")
    if primary == "zh":
        return next((_SCRIPTS[part.lower()] for part in rest if part.lower() in _SCRIPTS), "zh")
    if primary not in LANGUAGES:
        raise Unsupported("source", f"{tag} cannot be read; what can is {', '.join(LANGUAGES)}")
    return primary


def _memory(document: bytes | None) -> TranslationMemory | None:
    if document is None:
        return None
    try:
        return TranslationMemory.from_json(json.loads(document))
    except MemoryFormatError as error:
        raise BadMemory(str(error)) from None
    except (ValueError, RecursionError):
        raise BadMemory("it is not JSON") from None
