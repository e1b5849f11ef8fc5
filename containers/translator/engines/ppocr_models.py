"""The PP-OCR models inside the installed ``rapidocr`` wheel, opened with onnxruntime alone.

Only the wheel's files are used: its own pipeline normalizes for scanned documents and loses recall on manga pages.
"""

from __future__ import annotations

from enum import StrEnum
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from onnxruntime.capi.onnxruntime_pybind11_state import EPFail, Fail, RuntimeException

DETECTOR = "PP-OCRv6_det_small.onnx"
RECOGNIZER = "PP-OCRv6_rec_small.onnx"
_CPU, _CUDA = "CPUExecutionProvider", "CUDAExecutionProvider"
_TRIAL_SIDE = 64
_FAILURES = (EPFail, Fail, RuntimeException, RuntimeError)
"""What onnxruntime raises for a GPU, a driver or a library that is not there or does not fit."""


class Device(StrEnum):
    """Where a model runs. ``AUTO`` takes a GPU that really works, else the CPU; ``CUDA`` takes nothing else."""

    AUTO = "auto"
    CPU = "cpu"
    CUDA = "cuda"


class ModelMissingError(Exception):
    """The wheel that carries the models is not installed, or not the version that has this file."""


class DeviceUnavailableError(Exception):
    """``cuda`` was asked for and no model can run there; ``reason`` says why."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"device cuda: {reason}")
        self.reason = reason


def model_path(name: str) -> Path:
    """The path of a model file of the ``rapidocr`` wheel; raises :class:`ModelMissingError`."""
    spec = find_spec("rapidocr")
    if spec is None or spec.origin is None:
        raise ModelMissingError("the package rapidocr is not installed")
    path = Path(spec.origin).parent / "models" / name
    if not path.is_file():
        raise ModelMissingError(f"rapidocr has no model {name}")
    return path


def open_model(path: Path, *, threads: int, device: Device | str = Device.CPU, runtime: Any = onnxruntime) -> Any:
    """An onnxruntime session on a device, on ``threads`` threads where that is the CPU.

    Raises ``ValueError`` for a device that is none, :class:`DeviceUnavailableError` where ``cuda`` does not work.
    ``runtime`` is the module ``onnxruntime``, or what stands in for it.
    """
    wanted = Device(device)
    if threads < 1:
        raise ValueError(f"threads must be at least 1, not {threads}")
    if wanted is not Device.CPU:
        try:
            return _on_cuda(path, _options(threads, runtime), runtime)
        except DeviceUnavailableError:
            if wanted is Device.CUDA:
                raise
    return runtime.InferenceSession(str(path), _options(threads, runtime), providers=[_CPU])


def device_of(session: Any) -> Device:
    """Where a session runs: what it was given, not what it was asked for."""
    return Device.CUDA if session.get_providers()[0] == _CUDA else Device.CPU


def engine_name(session: Any) -> str:
    """The model's name with its device, as the page document has it."""
    return f"PP-OCRv6-small ({device_of(session)})"


def _options(threads: int, runtime: Any) -> Any:
    """The arena is on: without it each run maps its buffers anew, and the page faults cost more than a fifth of it.

    It keeps what the largest run needed, so callers bound the size of a run; all models of the process have one, for
    each reader is in one model at a time. A memory pattern would be kept for each
    shape ever seen, and no two pages' lines have the same.
    Spinning is off: other stages of the chapter run on the same cores, and a waiting thread must not take them.
    """
    options = runtime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.enable_cpu_mem_arena = True
    options.enable_mem_pattern = False
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    if _has_shared_arena(runtime):
        options.add_session_config_entry("session.use_env_allocators", "1")
    options.log_severity_level = 3
    return options


@cache
def _has_shared_arena(runtime: Any) -> bool:
    """Registers it, once a process; a build of onnxruntime may not have it, and then each model has its own."""
    try:
        memory = runtime.OrtMemoryInfo(
            "Cpu", runtime.OrtAllocatorType.ORT_ARENA_ALLOCATOR, 0, runtime.OrtMemType.DEFAULT
        )
        runtime.create_and_register_allocator(memory, None)
    except (AttributeError, *_FAILURES):
        return False
    return True


def _on_cuda(path: Path, options: Any, runtime: Any) -> Any:
    """A session that has run once on the GPU: a missing library can show as late as the first convolution."""
    if _CUDA not in runtime.get_available_providers():
        raise DeviceUnavailableError(f"onnxruntime has no {_CUDA}; it is a build for {_builds(runtime)}")
    if hasattr(runtime, "preload_dlls"):
        runtime.preload_dlls()
    try:
        session = runtime.InferenceSession(str(path), options, providers=[_CUDA, _CPU])
        if device_of(session) is Device.CUDA:
            _try_out(session)
    except _FAILURES as error:
        raise DeviceUnavailableError(str(error).strip().splitlines()[0]) from error
    if device_of(session) is not Device.CUDA:
        raise DeviceUnavailableError("onnxruntime fell back to the CPU: the driver, CUDA or cuDNN does not load")
    return session


def _builds(runtime: Any) -> str:
    return ", ".join(runtime.get_available_providers()) or "nothing"


def _try_out(session: Any) -> None:
    (wanted,) = session.get_inputs()
    batch, *sides = [side if isinstance(side, int) else _TRIAL_SIDE for side in wanted.shape]
    session.run(None, {wanted.name: np.zeros((min(batch, 1), *sides), dtype=np.float32)})
