"""A TorchScript inpainter redraws what stood under text on art, and nothing else."""

from __future__ import annotations

import hashlib
import json
import warnings
from pathlib import Path

import cv2
import numpy as np
import pytest

pytest.importorskip("torch", reason="the optional engines are not installed (make setup-engines)")

import torch

from contract.job import Options
from tests.support.secrets import CALLBACK
from translator.build import load_engines
from translator.config import Config
from translator.engines.hub_models import BadModelError
from translator.engines.lama_cleaner import FILE, LamaBackground, LamaSettings, lama_cleaner
from translator.engines.ppocr_models import Device, DeviceUnavailableError
from translator.pipeline.protocols import StageError
from translator.pipeline.types import Balloon, Box, Detection, Kind, Page, Region, TextLine
from translator.stages import StageOrder
from translator.weights import WeightsDiffer

TEXT = Box(120, 80, 180, 220)
GREEN = (0, 255, 0)
SMALL = LamaSettings(context_px=40, tile_px=96, overlap_px=32)


class Painter(torch.nn.Module):  # type: ignore[misc]
    """Paints the hole green; refuses sizes that LaMa does not take."""

    def forward(self, image: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        assert image.shape[2] % 8 == 0
        assert image.shape[3] % 8 == 0
        assert image.max() <= 1.0
        green = torch.zeros_like(image)
        green[:, 1] = 1.0
        return image * (1 - mask) + green * mask


class Limited(torch.nn.Module):  # type: ignore[misc]
    """Paints, and refuses what is larger than a tile."""

    def forward(self, image: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        assert image.shape[2] <= 96
        assert image.shape[3] <= 96
        return torch.ones_like(image)


class Odd(torch.nn.Module):  # type: ignore[misc]
    """Gives an image of another size."""

    def forward(self, image: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        return image[:, :, 1:]


class Broken(torch.nn.Module):  # type: ignore[misc]
    """Gives no numbers."""

    def forward(self, image: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        return image * float("nan")


def saved(folder: Path, model: torch.nn.Module) -> Path:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        torch.jit.script(model).save(str(folder / FILE))
    return folder


def region(balloon: Balloon | None = None) -> Region:
    line = TextLine(TEXT, TEXT.polygon, 1.0)
    return Region("r1", TEXT, TEXT.polygon, Kind.DIALOGUE, True, 1.0, (line,), (), balloon)


def strokes(shape: tuple[int, int] = (300, 300)) -> np.ndarray:
    mask = np.zeros(shape, np.uint8)
    for y in range(TEXT.y0 + 8, TEXT.y1 - 8, 14):
        cv2.line(mask, (TEXT.x0 + 10, y), (TEXT.x1 - 10, y + 5), 255, 3)
    return mask


def busy(seed: int = 3) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 255, (300, 300, 3), np.uint8)


def test_only_pixels_at_the_strokes_are_drawn_anew(tmp_path: Path) -> None:
    page, mask = busy(), strokes()
    plate = lama_cleaner(saved(tmp_path, Painter())).clean(Page(1, page), Detection((), mask), [region()])
    changed = (plate != page).any(axis=2)
    assert (plate[mask > 0] == GREEN).all()
    assert not changed[cv2.dilate(mask, np.ones((9, 9), np.uint8)) == 0].any()
    assert (plate[changed] == GREEN).all()


def test_a_plain_balloon_is_filled_without_the_model(tmp_path: Path) -> None:
    page = np.full((300, 300, 3), 250, np.uint8)
    mask = strokes()
    inked = page.copy()
    inked[mask > 0] = 0
    balloon = Balloon(Box(60, 40, 240, 260), ((60, 40), (240, 40), (240, 260), (60, 260)), (250, 250, 250))
    cleaner = lama_cleaner(saved(tmp_path, Odd()))
    assert np.array_equal(cleaner.clean(Page(1, inked), Detection((), mask), [region(balloon)]), page)


def test_a_large_crop_is_seen_in_tiles(tmp_path: Path) -> None:
    mask = np.zeros((300, 300), np.uint8)
    mask[20:280:9, 20:280] = 255
    background = LamaBackground(saved(tmp_path, Limited()) / FILE, settings=SMALL)
    out = background(busy(), mask, grow=2, limit=3)
    assert (out[mask > 0] == 255).all()


@pytest.mark.parametrize("size", [(1, 1), (7, 9), (8, 8), (17, 40)])
def test_crops_of_any_size_can_be_drawn(tmp_path: Path, size: tuple[int, int]) -> None:
    background = LamaBackground(saved(tmp_path, Painter()) / FILE)
    out = background(np.full((*size, 3), 200, np.uint8), np.full(size, 255, np.uint8), grow=2, limit=3)
    assert (out == GREEN).all()


def test_nothing_to_draw_changes_nothing(tmp_path: Path) -> None:
    page = busy()
    background = LamaBackground(saved(tmp_path, Odd()) / FILE)
    assert np.array_equal(background(page, np.zeros((300, 300), np.uint8), grow=2, limit=3), page)


@pytest.mark.parametrize("model", [Odd(), Broken()])
def test_a_model_that_gives_no_image_fails_the_page(tmp_path: Path, model: torch.nn.Module) -> None:
    cleaner = lama_cleaner(saved(tmp_path, model))
    with pytest.raises(StageError, match="gave no image"):
        cleaner.clean(Page(1, busy()), Detection((), strokes()), [region()])


@pytest.mark.parametrize("data", [b"", b"no model", b"PK\x03\x04 truncated"])
def test_a_file_that_is_no_model_is_named(tmp_path: Path, data: bytes) -> None:
    (tmp_path / FILE).write_bytes(data)
    with pytest.raises(BadModelError, match=FILE):
        lama_cleaner(tmp_path)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadModelError, match=FILE):
        lama_cleaner(tmp_path)


def test_a_gpu_that_is_not_there_is_not_replaced_by_the_cpu(tmp_path: Path) -> None:
    if torch.cuda.is_available():
        pytest.skip("this machine has a GPU")
    with pytest.raises(DeviceUnavailableError):
        lama_cleaner(saved(tmp_path, Painter()), device=Device.CUDA)


def test_its_name_says_what_it_is(tmp_path: Path) -> None:
    assert lama_cleaner(saved(tmp_path, Painter()), device=Device.CPU).name == "flat-fill+lama (cpu)"


def test_a_translator_that_is_configured_with_it_cleans_the_jobs_that_ask_for_it(tmp_path: Path) -> None:
    folder = tmp_path / "lama" / "v1"
    folder.mkdir(parents=True)
    data = (saved(folder, Painter()) / FILE).read_bytes()
    entry = {"path": FILE, "bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
    weights = {"name": "lama", "url": "https://hub.test/lama", "revision": "v1", "files": [entry]}
    (tmp_path / "weights.json").write_text(json.dumps({"weights": [weights]}))
    environment = {
        "CALLBACK_SECRETS": CALLBACK,
        "ENGINES": "lama",
        "DEVICE": "cpu",
        "WEIGHTS_DIR": str(tmp_path),
        "WEIGHTS_MANIFEST": str(tmp_path / "weights.json"),
    }
    engines = load_engines(Config.from_env(environment))
    assert engines.stages(StageOrder("ja", "en", Options(cleaner="lama"))).names["clean"] == "flat-fill+lama (cpu)"
    assert "lama" not in engines.engines["clean"]
    (folder / FILE).write_bytes(data[:-1] + b"?")
    with pytest.raises(WeightsDiffer, match="lama"):
        load_engines(Config.from_env(environment))
