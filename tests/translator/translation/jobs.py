"""What tests of the translation share: pages, a clock that only sleeping moves, translators on a wire-level server."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from tests.support.llm_server import ModelServer
from tests.support.llm_wire import Rule, english
from translator.engines.gemini_model import NAME as GEMINI
from translator.engines.gemini_model import GeminiModel
from translator.engines.openai_model import NAME as OPENAI
from translator.engines.openai_model import OpenAiModel
from translator.pipeline.protocols import SourceText, TranslateRequest
from translator.pipeline.types import Box, Origin, Translation
from translator.translation.asking import Patience
from translator.translation.factory import JobScope, JobTranslator, Maker, TranslationService
from translator.translation.model import ApiKey, ModelSettings
from translator.translation.prompt import Pairs
from translator.translation.settings import Endpoint, TranslationSettings
from translator.translation.translate import Manner
from translator.translation.waiting import Clockwork

DICT = Path(__file__).resolve().parents[3] / "dict"
MAKERS: Mapping[str, Maker] = {GEMINI: GeminiModel, OPENAI: OpenAiModel}
KEY = "AIzaTest-0123456789-abcdefghijklmnop"
SECOND_KEY = "AIzaTest-9876543210-ponmlkjihgfedcba"
LINES = (
    "どこへ行くんだ?",
    "お前には関係ない。",
    "待ってくれ、話を聞いてくれ!",
    "もう遅いんだよ。",
    "そんな…嘘だろ?",
    "さようなら、兄さん。",
)


@dataclass(frozen=True)
class BoxedText(SourceText):
    """A text with what the pipeline knows of it besides."""

    box: Box | None = None
    speaker: str = ""


def page(
    *lines: str,
    number: int = 1,
    context: tuple[Pairs, ...] = (),
    target: str = "en",
    source: str = "ja",
    height: int = 400,
    width: int = 300,
) -> TranslateRequest:
    """A page of such texts, one below the other."""
    step = height // (len(lines) + 1)
    texts = tuple(
        BoxedText(f"r{index}", line, "dialogue", Box(40, step * index + 10, width - 40, step * index + step - 10))
        for index, line in enumerate(lines or LINES)
    )
    rgb = np.full((height, width, 3), 250 - number, np.uint8)
    return TranslateRequest(page=number, source=source, target=target, texts=texts, rgb=rgb, context=context)


@dataclass
class Time:
    """Moves when somebody sleeps, and remembers how long."""

    now: float = 1000.0
    slept: list[float] = field(default_factory=list)

    def clock(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds

    def clockwork(self, cancelled: Callable[[], bool] = lambda: False) -> Clockwork:
        return Clockwork(self.clock, self.sleep, lambda: 0.5, cancelled)


def endpoint(
    server: ModelServer,
    *,
    engine: str = GEMINI,
    model: str = "test-model",
    keys: tuple[str, ...] = (KEY,),
    vision: bool = True,
    stream: bool = True,
) -> Endpoint:
    base = server.origin if engine == GEMINI else f"{server.origin}/v1"
    found = tuple(ApiKey(secret, f"key {number}") for number, secret in enumerate(keys, start=1))
    return Endpoint(engine, ModelSettings(model, base, vision=vision, stream=stream), found)


PATIENCE = Patience(tries=3, repairs=2, call_s=20.0, silence_s=20.0)


@contextmanager
def loaded(
    primary: Endpoint,
    *,
    fallback: Endpoint | None = None,
    time: Time | None = None,
    patience: Patience = PATIENCE,
    manner: Manner | None = None,
    per_minute: int = 0,
    dict_dir: Path = DICT,
    store: Path | None = None,
) -> Iterator[TranslationService]:
    settings = TranslationSettings(
        primary=primary,
        dict_dir=dict_dir,
        fallback=fallback,
        patience=patience,
        manner=manner or Manner(),
        requests_per_minute=per_minute,
        store=store,
    )
    translation = TranslationService(settings, MAKERS, clockwork=(time or Time()).clockwork())
    try:
        yield translation
    finally:
        translation.close()


def job(translation: TranslationService, scope: JobScope | None = None) -> JobTranslator:
    return translation.for_job(scope or JobScope())


def with_texts(request: TranslateRequest, *texts: SourceText) -> TranslateRequest:
    return replace(request, texts=texts)


ALL = ("1", "2", "3", "4", "5", "6")
"""The ids of a page with all of :data:`LINES`."""


def translate(server: ModelServer, *rules: Rule, engine: str = "gemini_hq") -> tuple[Translation, ...]:
    server.script = list(rules)
    with loaded(endpoint(server, engine=engine)) as translation:
        return job(translation).translator.translate(page(*LINES))


def expect_all_good(translations: tuple[Translation, ...]) -> None:
    assert [(one.region_id, one.text, one.origin) for one in translations] == [
        (f"r{index}", english(line), Origin.MODEL) for index, line in enumerate(LINES)
    ]
