"""The PP-OCR models inside the installed ``rapidocr`` wheel, opened with onnxruntime alone.

Only the wheel's files are used: its own pipeline normalizes for scanned documents and loses recall on manga pages.
"""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Any

import onnxruntime as ort

DETECTOR = "PP-OCRv6_det_small.onnx"
RECOGNIZER = "PP-OCRv6_rec_small.onnx"


class ModelMissingError(Exception):
    """The wheel that carries the models is not installed, or not the version that has this file."""


def model_path(name: str) -> Path:
    """The path of a model file of the ``rapidocr`` wheel; raises :class:`ModelMissingError`."""
    spec = find_spec("rapidocr")
    if spec is None or spec.origin is None:
        raise ModelMissingError("the package rapidocr is not installed")
    path = Path(spec.origin).parent / "models" / name
    if not path.is_file():
        raise ModelMissingError(f"rapidocr has no model {name}")
    return path


def open_model(path: Path, *, threads: int) -> Any:
    """An onnxruntime CPU session on ``threads`` threads.

    The arena is off: page sizes differ, and it would keep the largest buffer of every shape that it ever saw. Spinning
    is off: other stages of the chapter run on the same cores, and a waiting thread must not take them.
    """
    if threads < 1:
        raise ValueError(f"threads must be at least 1, not {threads}")
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.enable_cpu_mem_arena = False
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = 3
    return ort.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
