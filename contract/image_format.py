"""The image formats that go in and out, with their content types and file extensions."""

from __future__ import annotations

from enum import StrEnum


class ImageFormat(StrEnum):
    """A format that a page can be delivered in."""

    WEBP = "webp"
    PNG = "png"
    JPEG = "jpg"

    @property
    def content_type(self) -> str:
        return "image/jpeg" if self is ImageFormat.JPEG else f"image/{self.value}"


INPUT_TYPES: dict[str, str] = {
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/webp": "webp",
    "image/gif": "gif",
    "image/avif": "avif",
    "image/bmp": "bmp",
    "application/octet-stream": "bin",
}
"""Content types that a page may be uploaded with, and the extension it is stored under. What it really is, is found
out by decoding it."""
DOCUMENT_TYPE = "application/json"
