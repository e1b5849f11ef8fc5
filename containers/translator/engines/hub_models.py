"""Models of the ``transformers`` package, from folders of verified weights: where they run, and how they are opened.

Nothing is looked up anywhere at run time, and no code that comes with weights is run.
"""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from transformers.utils import logging as hub_logging

from translator.engines.ppocr_models import Device, DeviceUnavailableError

_BROKEN = (OSError, ValueError, KeyError, RuntimeError, EOFError, pickle.UnpicklingError, SafetensorError)
"""What ``transformers`` lets through for files that are no model of its kind."""


class BadModelError(Exception):
    """A folder's files are verified and yet no model that this engine can use; names the folder."""


def device_for(wanted: Device) -> torch.device:
    """A GPU where there is one, unless the CPU is asked for. Raises ``DeviceUnavailableError`` where it has to be."""
    if wanted is not Device.CPU and torch.cuda.is_available():
        return torch.device("cuda")
    if wanted is Device.CUDA:
        raise DeviceUnavailableError(f"torch {torch.__version__} finds no GPU")
    return torch.device("cpu")


def open_model(kind: Any, folder: Path, device: torch.device) -> Any:
    """A model of a ``transformers`` class with its weights, for inference. Raises :class:`BadModelError`."""
    hub_logging.disable_progress_bar()
    try:
        model, report = kind.from_pretrained(
            str(folder), local_files_only=True, trust_remote_code=False, output_loading_info=True
        )
    except _BROKEN as error:
        raise BadModelError(f"{folder}: {type(error).__name__}: {_first_line(error)}") from None
    if missing := sorted(report["missing_keys"]):
        # transformers would go on with random numbers in their place.
        raise BadModelError(f"{folder}: no weights for {', '.join(missing[:3])} and {len(missing) - 1} more")
    return model.to(device).eval()


def open_processor(kind: Any, folder: Path) -> Any:
    """What turns images into a model's input. Raises :class:`BadModelError`."""
    try:
        return kind.from_pretrained(str(folder), local_files_only=True, trust_remote_code=False)
    except (*_BROKEN, ImportError) as error:
        raise BadModelError(f"{folder}: {type(error).__name__}: {_first_line(error)}") from None


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [""])[0][:300]
