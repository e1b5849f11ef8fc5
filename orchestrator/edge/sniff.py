"""What a file is by its first bytes: never by its name, nor by what a server calls it."""

from __future__ import annotations

SNIFFED_BYTES = 64
_MAGIC = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
)
_AVIF_BRANDS = (b"avif", b"avis")
_BMP_HEADERS = (12, 40, 52, 56, 64, 108, 124)


def image_type(head: bytes) -> str | None:
    """The content type of an image in one of the accepted formats, from its first :data:`SNIFFED_BYTES` bytes."""
    for magic, content_type in _MAGIC:
        if head.startswith(magic):
            return content_type
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    if _is_avif(head):
        return "image/avif"
    return "image/bmp" if _is_bmp(head) else None


def _is_avif(head: bytes) -> bool:
    """The major brand, or one of the compatible ones, in the ``ftyp`` box at the file's start."""
    if head[4:8] != b"ftyp":
        return False
    box = head[: int.from_bytes(head[:4], "big")]
    brands = [box[8:12], *(box[at : at + 4] for at in range(16, len(box), 4))]
    return any(brand in _AVIF_BRANDS for brand in brands)


def _is_bmp(head: bytes) -> bool:
    # "BM" alone begins many a text.
    return head[:2] == b"BM" and int.from_bytes(head[14:18], "little") in _BMP_HEADERS
