"""LaMa as TorchScript (R. Suvorov et al., *Resolution-robust Large Mask Inpainting with Fourier Convolutions*, 2022):
it redraws the background where text stood on art. Flat balloons and grounds are filled as ever.

The file takes an image, float ``(1, 3, h, w)`` of 0 to 1, and a mask, ``(1, 1, h, w)`` of 0 or 1, and gives an image;
``h`` and ``w`` are multiples of 8.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch

from translator.engines.hub_models import BadModelError, device_for
from translator.engines.ppocr_models import Device
from translator.pipeline.clean import CropCleaner
from translator.pipeline.inpaint import dilate, fill_flat_parts
from translator.pipeline.protocols import StageError
from translator.pipeline.types import Box, Mask, Rgb

FILE = "big-lama.pt"
_MULTIPLE = 8


@dataclass(frozen=True, slots=True)
class LamaSettings:
    """``context_px`` of the page around a text are shown to the model. A crop is seen in tiles of at most ``tile_px``
    each way, which overlap by ``overlap_px``: a strip takes no more memory than one of them."""

    context_px: int = 96
    tile_px: int = 768
    overlap_px: int = 128


class LamaBackground:
    """Continues a background with the model of a file. A :class:`~translator.pipeline.clean.Background`."""

    def __init__(self, file: Path, *, device: Device = Device.CPU, settings: LamaSettings | None = None) -> None:
        """Raises ``BadModelError`` for a file that is no TorchScript, ``DeviceUnavailableError`` where it is asked for
        a GPU that is not there."""
        self.settings = settings or LamaSettings()
        self.device = device_for(device)
        self._model = _opened(file, self.device)

    def __call__(self, crop: Rgb, text: Mask, *, grow: int, limit: int) -> Rgb:
        """A new crop with the pixels of ``text``, and ``grow`` (at most ``limit``) around, drawn anew; all others are
        equal. Raises ``StageError`` where the model does not give an image."""
        out = crop.copy()
        left = fill_flat_parts(out, dilate(text, min(grow, limit)))
        for tile in _tiles(left, self.settings):
            window = np.s_[tile.y0 : tile.y1, tile.x0 : tile.x1]
            hole = left[window] > 0
            if hole.any():
                out[window][hole] = self._drawn(out[window], left[window])[hole]
                left[window] = 0
        return out

    def _drawn(self, crop: Rgb, hole: Mask) -> Rgb:
        height, width = hole.shape
        image, mask = _padded(crop), _padded(hole)
        with torch.inference_mode():
            answer = self._model(_tensor(image, self.device), (_tensor(mask, self.device) > 0).float())
        wanted = (1, 3, *mask.shape[:2])
        if not isinstance(answer, torch.Tensor) or tuple(answer.shape) != wanted or not bool(answer.isfinite().all()):
            raise StageError("clean", "stage_failed", f"the inpainting model gave no image of {width} x {height}")
        pixels = answer[0].permute(1, 2, 0).float().clamp(0, 1).mul(255).round().cpu().numpy()
        return np.asarray(pixels[:height, :width], np.uint8)


def lama_cleaner(folder: Path, *, device: Device = Device.CPU, settings: LamaSettings | None = None) -> CropCleaner:
    """The default cleaner with LaMa for what stands on art; ``folder`` holds the verified weights."""
    background = LamaBackground(folder / FILE, device=device, settings=settings)
    name = f"flat-fill+lama ({background.device.type})"
    return CropCleaner(background, name=name, context_px=background.settings.context_px)


def _opened(file: Path, device: torch.device) -> Any:
    try:
        with warnings.catch_warnings():
            # torch.jit.load still reads what torch.jit.save wrote; there is no other reader for it.
            warnings.simplefilter("ignore", DeprecationWarning)
            return torch.jit.load(str(file), map_location=device).eval()
    except (OSError, RuntimeError, ValueError) as error:
        raise BadModelError(f"{file}: {type(error).__name__}: {(str(error).splitlines() or [''])[0][:300]}") from None


def _tiles(hole: Mask, settings: LamaSettings) -> Iterator[Box]:
    """Windows over the part of a crop that is to be drawn, with the context around it."""
    x, y, w, h = cv2.boundingRect(hole)
    around = Box(x, y, x + w, y + h).pad(settings.context_px, width=hole.shape[1], height=hole.shape[0])
    for y0, y1 in _spans(around.y0, around.y1, settings):
        for x0, x1 in _spans(around.x0, around.x1, settings):
            yield Box(x0, y0, x1, y1)


def _spans(start: int, stop: int, settings: LamaSettings) -> Iterator[tuple[int, int]]:
    while stop - start > settings.tile_px:
        yield start, start + settings.tile_px
        start += settings.tile_px - settings.overlap_px
    if stop > start:
        yield start, stop


def _padded(image: Rgb | Mask) -> Rgb | Mask:
    """Mirrored at the right and at the bottom, up to the next multiple that the model takes."""
    height, width = image.shape[:2]
    bottom, right = -height % _MULTIPLE, -width % _MULTIPLE
    return np.asarray(cv2.copyMakeBorder(image, 0, bottom, 0, right, cv2.BORDER_REFLECT), np.uint8)


def _tensor(image: Rgb | Mask, device: torch.device) -> torch.Tensor:
    """Float of 0 to 1, ``(1, channels, h, w)``."""
    planes = image if image.ndim == 3 else image[:, :, None]
    return torch.from_numpy(np.ascontiguousarray(planes.transpose(2, 0, 1))).to(device).float().div(255)[None]
