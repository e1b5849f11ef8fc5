"""The webtoon strip, 『スミの朝ごはん』 (Sumi's Breakfast): one tall page, read downwards, lettered in rows."""

from __future__ import annotations

from sample.balloon import Balloon, Shape
from sample.building import Town, Window
from sample.cat import Cat
from sample.effect import Drops, Flash, FocusLines, Marks, Sparkles, SpeedLines
from sample.face import Mood
from sample.girl import Girl, Pose
from sample.lettering import Style
from sample.page import PageSpec
from sample.panel import Panel
from sample.prop import Fish, Grill, Plate, Slab, Snow
from sample.scenery import Hill, Pine, Solid, Tone
from sample.script import STRIP as SAID
from sample.script import Line
from sample.staging import Point, aside, narrate, sound, title
from sample.staging import say as say_vertically
from sample.star import Star
from sample.story import panel, rect
from sample.text import Text
from sample.truth import Kind

WIDTH, HEIGHT = 720, 4500


def say(line: Line, at: Point, tail: Point | None = None, *, shape: Shape = Shape.ELLIPSE, size: int = 27) -> Text:
    """Speech in rows, in a larger hand: a strip is read on a phone."""
    return say_vertically(line, at, tail, shape=shape, size=size, vertical=False)


def think(line: Line, at: Point, toward: Point) -> Text:
    """A thought in rows."""
    return Text(line.ja, at, Kind.THOUGHT, Style(size=27, vertical=False), Balloon(Shape.CLOUD, toward, bubbles=True))


def strip() -> PageSpec:
    """The whole strip."""
    return PageSpec(
        WIDTH, HEIGHT, seed=20,
        panels=(_morning(), _hungry(), _grill(), _gone(), _thinks(), _found(), _sorry(), _together()),
        texts=(
            title(SAID["s.title"], (360, 96), size=62, vertical=False),
            narrate(SAID["s.morning"], (214, 214), size=25, vertical=False),
            say(SAID["s.hungry"], (212, 770), (318, 860)),
            sound(SAID["s.growl"], (560, 940), size=64, tilt=10, vertical=False, stretch=1.0),
            say(SAID["s.wait"], (226, 1250), (366, 1356)),
            say(SAID["s.fish"], (360, 1892), (330, 2000), shape=Shape.SPIKY, size=34),
            think(SAID["s.think"], (252, 2464), (372, 2574)),
            sound(SAID["s.crunch"], (520, 2832), size=52, tilt=-8, vertical=False, stretch=1.0, grow=0.2),
            say(SAID["s.you"], (196, 2990), (150, 3110), shape=Shape.SPIKY, size=36),
            say(SAID["s.sorry"], (494, 3560), (404, 3690)),
            say(SAID["s.share"], (246, 4022), (172, 4120)),
            aside(SAID["s.yum"], (676, 4096), size=32, tilt=6, outline=4),
            title(SAID["s.end"], (626, 4462), size=30, vertical=False),
        ),
    )  # fmt: skip


def _morning() -> Panel:
    return panel(
        -10, -10, 730, 600,
        Tone((0, 0, 720, 420), (0.0, 0.42)),
        Hill(((-20, 400), (160, 330), (330, 360), (560, 320), (740, 390)), 610, tufts=0, shade=(0.0, 0.2)),
        Pine((80, 420), 120, black=False), Pine((640, 420), 140, black=False), Pine((570, 410), 90, black=False),
        Town(120, 560, 500, 120, black=False),
        Hill(((-20, 500), (200, 490), (420, 505), (740, 486)), 620, tufts=0, shade=(0.0, 0.12)),
        Snow((0, 150, 720, 420), 80),
    )  # fmt: skip


def _hungry() -> Panel:
    return panel(
        40, 660, 680, 1080,
        Tone((40, 660, 680, 1080), (0.1, 0.4)),
        Cat((380, 872), 84, Mood.SAD, look=-0.3, rim=5),
        Marks((474, 990), 60, -30, 40, 4, 4),
    )  # fmt: skip


def _grill() -> Panel:
    return panel(
        -10, 1140, 730, 1720,
        Tone((0, 1140, 720, 1720), (0.0, 0.22)),
        Window((500, 1190, 660, 1370), night=False),
        Slab(rect(-20, 1600, 740, 1740), 0.14),
        Girl((440, 1420), 84, Mood.HAPPY, Pose.BUST, turn=-0.5, wind=0.0, flip=False, rim=4),
        Grill((170, 1650), 96),
        Fish((170, 1540), 84, tilt=-6, steam=True),
        Plate((566, 1664), 92),
    )  # fmt: skip


def _gone() -> Panel:
    return panel(
        40, 1780, 680, 2300,
        FocusLines((360, 2080), (250, 190), 150, width=5),
        Girl((250, 2100), 76, Mood.SCARED, Pose.BUST, turn=0.4, wind=0.0, rim=4),
        Cat((500, 2110), 62, Mood.SCARED, look=-0.6, rim=5, tail=False),
        Slab(rect(20, 2226, 700, 2320), 0.14),
        Plate((372, 2254), 112), Fish((372, 2240), 78, bones=True),
        Drops(((366, 2000, 16, 20), (410, 2020, 12, 36), (590, 2020, 14, 30))),
    )  # fmt: skip


def _thinks() -> Panel:
    return panel(
        -10, 2360, 730, 2760,
        Solid(rect(-10, 2360, 730, 2760), 0),
        Tone((-10, 2360, 730, 2760), (0.75, 0.2), 4.6, 255),
        Cat((440, 2650), 84, Mood.FLAT, look=-0.8, rim=5, tail=False),
        Drops(((548, 2566, 16, 30),)),
    )  # fmt: skip


def _found() -> Panel:
    return panel(
        40, 2880, 680, 3410,
        SpeedLines((40, 2880, 680, 3410), -20, 70, 2.0),
        Flash((470, 3170), (210, 190), 30),
        Star((470, 3170), 112, Mood.SURPRISED, look=-0.4, rim=4),
        Fish((470, 3226), 60, tilt=4),
        Girl((140, 3200), 62, Mood.SHOUTING, Pose.BUST, turn=0.7, wind=0.0, rim=4),
        Cat((250, 3350), 50, Mood.DETERMINED, look=0.9, rim=5, tail=False),
        Drops(((584, 3040, 16, 30), (612, 3076, 12, 44))),
    )  # fmt: skip


def _sorry() -> Panel:
    return panel(
        120, 3470, 730, 3880,
        Tone((120, 3470, 730, 3880), (0.5, 0.1)),
        Star((340, 3750), 104, Mood.SAD, tear=True, look=-0.2, rim=4, tilt=-6),
        Fish((540, 3828), 62, bones=True, tilt=6),
    )  # fmt: skip


def _together() -> Panel:
    return panel(
        -10, 3940, 730, 4420,
        Tone((0, 3940, 720, 4420), (0.0, 0.3)),
        Sparkles(((60, 4000, 18), (430, 3990, 22), (560, 4010, 14), (480, 4060, 12)), ink=0),
        Girl((140, 4206), 70, Mood.HAPPY, Pose.BUST, turn=0.4, wind=0.0, rim=4),
        Cat((372, 4220), 60, Mood.HAPPY, rim=5, tail=False),
        Star((590, 4230), 78, Mood.HAPPY, look=-0.5, rim=4),
        Slab(rect(-20, 4330, 740, 4440), 0.14),
        Plate((150, 4374), 84), Fish((150, 4360), 56, steam=True),
        Plate((370, 4374), 84), Fish((370, 4360), 56, steam=True),
        Plate((590, 4374), 84), Fish((590, 4360), 56, steam=True),
    )  # fmt: skip
