"""What the sample generator refuses.

SampleError
├── SpecError                a page cannot be drawn as asked
│   ├── OutsidePageError     a text's ink would leave the page
│   ├── OutsideBalloonError  a text is larger than the balloon it was given
│   ├── MissingGlyphError    the face has no form for a character
│   └── MarkupError          ruby markup that does not close
└── FontError                a font file is absent or unreadable
"""

from __future__ import annotations


class SampleError(Exception):
    """Anything the sample generator refuses."""


class SpecError(SampleError):
    """A page cannot be drawn as asked; ``field`` names the part of the spec."""

    def __init__(self, field: str, detail: str) -> None:
        super().__init__(f"{field}: {detail}")
        self.field, self.detail = field, detail


class OutsidePageError(SpecError):
    """A text's ink would leave the page."""


class OutsideBalloonError(SpecError):
    """A text is larger than the balloon it was given."""


class MissingGlyphError(SpecError):
    """The face has no form for a character."""


class MarkupError(SpecError):
    """Ruby markup that does not close, or is empty."""


class FontError(SampleError):
    """A font file is absent or unreadable."""
