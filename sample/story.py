"""Pages 1 to 4 of the sample chapter."""

from __future__ import annotations

from sample.balloon import Shape
from sample.building import Door, Town, Window
from sample.cat import Cat
from sample.effect import Drops, Flash, FocusLines, Hatching, Marks, Puffs, Sparkles, SpeedLines, Trail, shadow
from sample.face import Mood
from sample.girl import Girl, Pose
from sample.page import PageSpec
from sample.panel import Drawing, Panel
from sample.prop import Slab
from sample.scenery import Crater, Hill, Pine, Signboard, Solid, Tone
from sample.script import CHAPTER as SAID
from sample.sky import Moon, NightSky
from sample.staging import aside, board, narrate, page_number, say, shout, sound, think, title
from sample.star import Star


def rect(x0: float, y0: float, x1: float, y1: float) -> tuple[tuple[float, float], ...]:
    """The corners of an upright panel."""
    return (x0, y0), (x1, y0), (x1, y1), (x0, y1)


def panel(x0: float, y0: float, x1: float, y1: float, *drawings: Drawing) -> Panel:
    """An upright panel."""
    return Panel(rect(x0, y0, x1, y1), drawings)


def page_1() -> PageSpec:
    """A star falls."""
    sky = panel(
        -10, -10, 840, 640,
        NightSky((0, 0, 830, 640), stars=190, pale=0.62, sparkles=9),
        Moon((118, 120), 52),
        Trail((800, 40), (352, 404), 30),
        Sparkles(((352, 404, 74), (430, 300, 12), (560, 280, 10), (640, 90, 9))),
        Star((352, 404), 34, Mood.SURPRISED, tilt=-24, rim=3),
        Hill(((-20, 560), (160, 490), (330, 520), (560, 566), (850, 540)), 660, density=1.0, tufts=0),
        Town(-20, 840, 640, 92),
    )  # fmt: skip
    hill = panel(
        423, 660, 786, 1126,
        NightSky((423, 660, 786, 1126), stars=46, pale=0.5, sparkles=2),
        Flash((600, 960), (190, 170)),
        Hill(((400, 1030), (500, 985), (610, 968), (720, 990), (810, 1040)), 1140, tufts=12, shade=(0.05, 0.5)),
        Pine((468, 1030), 92), Pine((742, 1032), 104), Pine((520, 1004), 66),
        Puffs(((560, 960, 24), (640, 962, 26), (600, 944, 32), (530, 974, 14), (672, 974, 15))),
        Town(420, 800, 1128, 56),
    )  # fmt: skip
    room = panel(
        44, 660, 411, 1126,
        Tone((44, 660, 411, 1126), (0.34, 0.1)),
        Window((84, 700, 270, 930)),
        Solid(rect(44, 1066, 411, 1130), 255), Solid(rect(44, 1064, 411, 1067), 0),
        Girl((282, 936), 72, Mood.SURPRISED, Pose.BUST, turn=-0.5, wind=0.0, rim=2),
        Cat((116, 1020), 40, Mood.SLEEPY, rim=2),
        Marks((282, 936), 122, -150, -112, 3, 3.4),
    )  # fmt: skip
    return PageSpec(
        panels=(sky, hill, room), seed=1,
        texts=(
            narrate(SAID["1.night"], (742, 216)),
            title(SAID["1.title"], (226, 196), size=84, white=True),
            sound(SAID["1.whoosh"], (560, 420), size=46, tilt=48, white=True, grow=0.5, outline=3),
            sound(SAID["1.boom"], (712, 796), size=60, tilt=8, white=True, grow=0.7),
            shout(SAID["1.what"], (352, 762), (318, 846), size=27),
            say(SAID["1.sleepy"], (104, 790), (116, 956), size=20),
        ),
    )  # fmt: skip


def page_2() -> PageSpec:
    """Out into the cold."""
    out = panel(
        44, 44, 786, 420,
        NightSky((44, 44, 786, 420), stars=70, pale=0.5, sparkles=4),
        Hill(((30, 372), (300, 352), (560, 360), (800, 350)), 430, tufts=14),
        Town(40, 300, 356, 84), Pine((350, 364), 120), Pine((404, 362), 80),
        Slab(rect(600, 124, 800, 372), 0.12),
        Hatching(rect(601, 128, 646, 371), 62, 5.0, 1.2, cross=True),
        Slab(((564, 128), (636, 58), (800, 58), (800, 128)), 0.5, rim=3),
        Door((694, 372), 176),
        shadow(462, 366, 58), shadow(676, 378, 40),
        Girl((470, 196), 46, Mood.HAPPY, Pose.RUN, turn=-0.6, flip=True, rim=3, wind=1.0),
        Cat((664, 316), 26, Mood.FLAT, look=-1.0),
        Puffs(((566, 366, 14), (586, 372, 10))),
    )  # fmt: skip
    cat = panel(
        440, 438, 786, 740,
        Tone((440, 438, 786, 740), (0.0, 0.3)),
        Cat((592, 644), 92, Mood.FLAT, look=-0.6, rim=3, tail=False),
        Drops(((716, 566, 13, 30), (734, 592, 9, 40))),
    )  # fmt: skip
    girl = panel(
        44, 438, 428, 740,
        FocusLines((290, 640), (190, 150), 90, width=4),
        Girl((306, 632), 84, Mood.DETERMINED, Pose.BUST, turn=0.35, wind=0.3, rim=3),
    )  # fmt: skip
    sign = panel(
        44, 758, 786, 1126,
        NightSky((44, 758, 786, 1126), stars=90, pale=0.55, sparkles=4),
        Hill(((20, 1010), (220, 930), (420, 960), (640, 1020), (810, 1006)), 1140, tufts=26, shade=(0.0, 0.35)),
        Pine((92, 986), 150), Pine((170, 962), 110), Pine((752, 1040), 130), Pine((392, 962), 84),
        Signboard((540, 914), (40, 86), 96, -4),
        shadow(308, 1018, 44), shadow(222, 1016, 40),
        Girl((300, 890), 36, Mood.FLAT, Pose.STAND, turn=0.6, rim=3, wind=0.3),
        Cat((214, 956), 24, Mood.SURPRISED, look=1.0),
        Drops(((352, 848, 9, 30),)),
    )  # fmt: skip
    return PageSpec(
        panels=(out, cat, girl, sign), seed=2,
        texts=(
            say(SAID["2.midnight"], (560, 140), (644, 292)),
            say(SAID["2.go"], (330, 134), (412, 192)),
            say(SAID["2.cold"], (722, 516), (664, 590), size=20),
            shout(SAID["2.wait"], (124, 556), (208, 640), size=22),
            narrate(SAID["2.hill"], (728, 862)),
            board(SAID["2.sign"], (540, 914), size=36, tilt=-4),
            think(SAID["2.unseen"], (404, 842), (344, 872), size=20),
            aside(SAID["2.sly"], (366, 1012), size=28, tilt=8, outline=4),
            page_number(2),
        ),
    )  # fmt: skip


def page_3() -> PageSpec:
    """Something in the hole."""
    crater = panel(
        -10, -10, 840, 430,
        NightSky((0, 0, 830, 430), stars=110, pale=0.7, sparkles=6),
        FocusLines((400, 330), (330, 120), 80, width=3.0, ink=255),
        Hill(((-20, 300), (200, 268), (420, 262), (640, 270), (850, 300)), 450, tufts=10, shade=(0.5, 0.1)),
        Crater((380, 350), 190),
        Pine((60, 300), 140), Pine((130, 284), 96), Pine((790, 296), 130),
        shadow(668, 364, 48), shadow(754, 362, 44),
        Girl((664, 232), 38, Mood.SURPRISED, Pose.STAND, turn=-0.7, rim=3, wind=0.4, flip=False),
        Cat((744, 296), 26, Mood.SURPRISED, look=-1.0),
    )  # fmt: skip
    voice = panel(
        440, 448, 786, 740,
        Solid(rect(430, 440, 800, 750), 0),
        FocusLines((610, 740), (200, 110), 90, width=2.2, ink=255),
        Crater((612, 730), 150),
    )  # fmt: skip
    fright = panel(
        44, 448, 428, 740,
        Tone((44, 448, 428, 740), (0.5, 0.05)),
        SpeedLines((44, 448, 428, 740), 90, 40, 1.6),
        Girl((292, 640), 66, Mood.SCARED, Pose.BUST, turn=0.5, wind=0.2, rim=3),
        Cat((128, 668), 58, Mood.SCARED, look=0.8, rim=3, tail=False),
        Drops(((206, 566, 12, -20), (378, 556, 12, 30), (60, 600, 10, -40))),
    )  # fmt: skip
    pop = panel(
        44, 758, 786, 1126,
        Tone((44, 758, 786, 1126), 0.42),
        Flash((446, 956), (250, 170), 30),
        Hill(((30, 1096), (300, 1080), (560, 1082), (800, 1094)), 1140, tufts=8),
        Star((446, 966), 104, Mood.HAPPY, glow=0.5),
        Puffs(((340, 1086, 22), (554, 1086, 24), (312, 1096, 14), (584, 1098, 14))),
        Girl((128, 1010), 48, Mood.SURPRISED, Pose.BUST, turn=0.7, wind=0.0, rim=3),
    )  # fmt: skip
    return PageSpec(
        panels=(crater, voice, fright, pop), seed=3,
        texts=(
            say(SAID["3.here"], (560, 124), (632, 190)),
            say(SAID["3.who"], (720, 536), (660, 690), dark=True),
            say(SAID["3.sleep"], (546, 556), (590, 700), dark=True, size=21, shape=Shape.WAVY),
            shout(SAID["3.out"], (166, 536), (142, 606), size=27),
            say(SAID["3.joke"], (682, 880), (544, 946)),
            sound(SAID["3.pop"], (314, 866), size=50, tilt=-14),
            say(SAID["3.star"], (132, 836), (130, 916), size=22),
        ),
    )  # fmt: skip


def page_4() -> PageSpec:
    """How to get home."""
    pika = panel(
        430, 44, 786, 390,
        NightSky((430, 44, 786, 390), stars=40, pale=0.5, sparkles=3),
        Hill(((420, 350), (600, 338), (800, 350)), 400, tufts=6),
        shadow(562, 342, 66),
        Star((560, 274), 74, Mood.CALM, look=-0.6, rim=3),
    )  # fmt: skip
    haru = panel(
        44, 44, 418, 390,
        Tone((44, 44, 418, 390), (0.3, 0.0)),
        Girl((250, 236), 62, Mood.HAPPY, Pose.BUST, turn=0.4, wind=0.3, rim=3),
        Cat((112, 318), 44, Mood.FLAT, look=0.8, rim=3, tail=False),
    )  # fmt: skip
    tears = panel(
        -10, 408, 840, 738,
        NightSky((0, 408, 830, 740), stars=150, pale=0.74, sparkles=8),
        Hill(((-20, 700), (240, 668), (520, 664), (850, 690)), 750, tufts=16, shade=(0.05, 0.4)),
        shadow(228, 686, 64),
        Star((226, 622), 72, Mood.SAD, tear=True, rim=3, look=0.6),
        shadow(560, 690, 48), shadow(650, 684, 44),
        Pine((70, 690), 120), Pine((780, 688), 150), Pine((716, 680), 90),
        Girl((556, 556), 38, Mood.SAD, Pose.HOLD, turn=-0.6, rim=3, wind=0.4, flip=False),
        Cat((640, 624), 24, Mood.SAD, look=-0.8),
    )  # fmt: skip
    idea = panel(
        404, 756, 786, 1126,
        Tone((404, 756, 786, 1126), (0.0, 0.3)),
        Girl((530, 992), 74, Mood.FLAT, Pose.BUST, turn=-0.3, wind=0.2, rim=3),
        Drops(((640, 950, 12, 30),)),
    )  # fmt: skip
    throw = panel(
        44, 756, 392, 1126,
        FocusLines((226, 990), (170, 150), 150, width=1.6),
        Cat((232, 992), 92, Mood.FLAT, look=0.5, rim=4, tail=False),
    )  # fmt: skip
    return PageSpec(
        panels=(pika, haru, tears, idea, throw), seed=4,
        texts=(
            say(SAID["4.pika"], (702, 150), (616, 236)),
            say(SAID["4.haru"], (112, 144), (196, 230)),
            say(SAID["4.home"], (420, 500), group="wish"),
            say(SAID["4.far"], (344, 540), (286, 606), group="wish"),
            aside(SAID["4.sob"], (128, 578), size=26, tilt=-12, outline=3),
            think(SAID["4.ladder"], (700, 846), (612, 944)),
            say(SAID["4.throw"], (112, 866), (176, 940), size=24),
            page_number(4),
        ),
    )  # fmt: skip
