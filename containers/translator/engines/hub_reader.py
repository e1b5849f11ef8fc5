"""Whole text blocks by a vision encoder-decoder (manga-ocr and its like, through ``transformers``).

It reads a block as it stands, columns, furigana and all, and leaves the furigana out. It also reads something in every
picture, so what it is unsure of counts as unread.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from transformers import AutoImageProcessor, VisionEncoderDecoderModel

from translator.engines.hub_models import BadModelError, device_for, open_model, open_processor
from translator.engines.ppocr_models import Device
from translator.pipeline.types import Detection, Page, Reading, Region, Rgb

_SPECIAL = frozenset({"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"})
VOCABULARY = "vocab.txt"


@dataclass(frozen=True, slots=True)
class BlockReaderSettings:
    """``beams`` of the search, letters a block at most, blocks at a time, and the mean probability to be believed."""

    beams: int = 4
    longest: int = 160
    batch: int = 8
    least: float = 0.6
    air: float = 0.04


class HubReader:
    """Implements ``Reader`` over a folder of verified weights."""

    def __init__(
        self,
        name: str,
        folder: Path,
        *,
        device: Device = Device.CPU,
        settings: BlockReaderSettings | None = None,
    ) -> None:
        """Raises ``BadModelError`` or ``DeviceUnavailableError``."""
        self._settings = settings or BlockReaderSettings()
        self._device = device_for(device)
        self._processor = open_processor(AutoImageProcessor, folder)
        self._model = open_model(VisionEncoderDecoderModel, folder, self._device)
        self._characters = _vocabulary(folder, self._model.config.decoder.vocab_size)
        self._longest = min(self._settings.longest, self._model.config.decoder.max_position_embeddings - 2)
        self.name = f"{name} ({self._device.type})"

    def read(self, page: Page, detection: Detection) -> tuple[Reading, ...]:
        """One reading a region, in the order of the regions; an empty one where the model was unsure."""
        regions, size = detection.regions, self._settings.batch
        batches = [regions[first : first + size] for first in range(0, len(regions), size)]
        return tuple(reading for batch in batches for reading in self._read(page, batch))

    def _read(self, page: Page, regions: Sequence[Region]) -> list[Reading]:
        crops = [_crop(page.rgb, region, self._settings.air) for region in regions]
        pixels = self._processor(images=crops, return_tensors="pt", input_data_format="channels_last")[
            "pixel_values"
        ].to(self._device)
        with torch.inference_mode():
            written = self._model.generate(
                pixels,
                num_beams=self._settings.beams,
                max_new_tokens=self._longest,
                return_dict_in_generate=True,
                output_scores=True,
            )
        sure = self._certainty(written)
        return [
            self._reading(region, tokens, confidence)
            for region, tokens, confidence in zip(regions, written.sequences.tolist(), sure, strict=True)
        ]

    def _reading(self, region: Region, tokens: Sequence[int], confidence: float) -> Reading:
        text = "".join(self._characters[token] for token in tokens)
        return Reading(region.id, text if confidence >= self._settings.least else "", confidence)

    def _certainty(self, written: Any) -> list[float]:
        """The mean probability of each answer's tokens, 0.0 to 1.0."""
        scores = self._model.compute_transition_scores(
            written.sequences, written.scores, getattr(written, "beam_indices", None), normalize_logits=True
        )
        is_end = (written.sequences[:, -scores.shape[1] :] == self._model.generation_config.eos_token_id).long()
        counts = is_end.cumsum(dim=1) - is_end == 0  # up to the first end, which counts: what follows is padding
        probable = torch.where(counts, scores.exp(), torch.zeros_like(scores))
        means: list[float] = (probable.sum(dim=1) / counts.sum(dim=1).clamp(min=1)).clamp(0.0, 1.0).tolist()
        return means


def _vocabulary(folder: Path, size: int) -> tuple[str, ...]:
    """What each token adds to a text. Read as it is: the tokenizer of these weights would need a morphological analyser
    with its dictionary, for cutting words, which nobody does here."""
    try:
        tokens = (folder / VOCABULARY).read_text(encoding="utf-8").splitlines()
    except (OSError, ValueError) as error:
        raise BadModelError(f"{folder}: {VOCABULARY}: {type(error).__name__}") from None
    if len(tokens) != size:
        raise BadModelError(f"{folder}: {VOCABULARY} has {len(tokens)} tokens and the model {size}")
    return tuple("" if token in _SPECIAL else token.removeprefix("##") for token in tokens)


def _crop(rgb: Rgb, region: Region, air: float) -> Rgb:
    """The block in grey, with a little air, as the model was shown them."""
    height, width = rgb.shape[:2]
    box = region.box.pad(round(air * min(region.box.width, region.box.height)), width=width, height=height)
    crop = rgb[box.y0 : box.y1, box.x0 : box.x1]
    if not crop.size:
        return np.full((1, 1, 3), 255, np.uint8)
    return np.asarray(cv2.cvtColor(cv2.cvtColor(crop, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB), np.uint8)
