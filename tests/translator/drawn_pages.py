"""Pages that the tests draw themselves: panels, balloons, columns of Japanese."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from translator.pipeline.types import Box, Page, Rgb

FONT = Path(__file__).parents[2] / "fonts" / "Mplus1-Bold-subset.otf"
SMALL = "ぁぃぅぇぉっゃゅょァィゥェォッャュョ"


class Sheet:
    """A white page to draw on."""

    def __init__(self, width: int = 830, height: int = 1170, ground: int = 255) -> None:
        self.image = Image.new("RGB", (width, height), (ground,) * 3)
        self.pen = ImageDraw.Draw(self.image)

    @property
    def rgb(self) -> Rgb:
        return np.asarray(self.image)

    @property
    def page(self) -> Page:
        return Page(1, self.rgb)

    def panel(self, box: tuple[int, int, int, int], tone: int = 205) -> None:
        self.pen.rectangle(box, fill=(tone,) * 3, outline=(0, 0, 0), width=3)

    def oval(self, box: tuple[int, int, int, int], fill: tuple[int, int, int] = (255, 255, 255), ink: int = 0) -> None:
        self.pen.ellipse(box, fill=fill, outline=(ink,) * 3, width=3)

    def columns(self, texts: list[str], right: int, top: int, size: int = 30, ink: int = 0) -> Box:
        """Columns right to left from ``right``; gives the box around their cells."""
        step = round(size * 1.25)
        for number, text in enumerate(texts):
            self._column(text, right - number * step - size, top, size, ink)
        longest = max(len(text) for text in texts)
        return Box(right - (len(texts) - 1) * step - size, top, right, top + longest * size)

    def _column(self, text: str, x: int, y: int, size: int, ink: int) -> None:
        font = ImageFont.truetype(str(FONT), size)
        for row, character in enumerate(text):
            top = y + row * size
            if character == "ー":
                self.pen.rectangle((x + size * 0.45, top + 3, x + size * 0.55, top + size - 3), fill=(ink,) * 3)
            elif character == "‼":
                half = ImageFont.truetype(str(FONT), round(size * 0.9))
                for shift in (0.3, 0.7):
                    self.pen.text((x + shift * size, top + size / 2), "!", font=half, fill=(ink,) * 3, anchor="mm")
            else:
                # A small kana stands in the upper right of its cell, as in vertical type.
                shift = size * 0.12 if character in SMALL else 0
                at = (x + size / 2 + shift, top + size / 2 - shift)
                self.pen.text(at, character, font=font, fill=(ink,) * 3, anchor="mm")

    def row(self, text: str, left: int, top: int, size: int = 28) -> Box:
        font = ImageFont.truetype(str(FONT), size)
        self.pen.text((left, top), text, font=font, fill=(0, 0, 0))
        return Box(*(round(value) for value in self.pen.textbbox((left, top), text, font=font)))


def talking_page() -> Sheet:
    """Two rows of panels; five texts: a balloon in each of four panels and a narration box in the first."""
    sheet = Sheet()
    for box in ((60, 60, 400, 540), (420, 60, 770, 540), (60, 580, 400, 1110), (420, 580, 770, 1110)):
        sheet.panel(box)
    sheet.oval((560, 100, 740, 420))
    sheet.columns(["今日は雨が", "降るらしい"], 690, 170)
    sheet.pen.rectangle((440, 80, 500, 330), fill=(255, 255, 255), outline=(0, 0, 0), width=3)
    sheet.columns(["次の日の朝"], 486, 110, size=32)
    sheet.oval((130, 120, 330, 440))
    sheet.columns(["傘を忘れた", "どうしよう"], 275, 190)
    sheet.oval((520, 640, 720, 960))
    sheet.columns(["走って帰る", "しかないよ"], 660, 710)
    sheet.oval((110, 640, 300, 960))
    sheet.columns(["大丈夫かな"], 225, 710, size=36)
    return sheet
