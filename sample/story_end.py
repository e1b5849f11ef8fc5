"""Pages 5 to 7 of the sample chapter."""

from __future__ import annotations

from sample.building import Town
from sample.cat import Cat
from sample.effect import Drops, Flash, FocusLines, Marks, Puffs, Sparkles, SpeedLines, Trail, shadow
from sample.face import Mood
from sample.girl import Girl, Pose
from sample.page import PageSpec
from sample.panel import Panel
from sample.scenery import Hill, Pine, Solid, Tone
from sample.script import CHAPTER as SAID
from sample.sky import NightSky
from sample.staging import aside, narrate, say, shout, sound, think, title
from sample.star import Star
from sample.story import panel, rect


def page_5() -> PageSpec:
    """An idea."""
    that = Panel(
        ((-10, -10), (840, -10), (840, 372), (-10, 420)),
        (
            FocusLines((400, 260), (270, 170), 150, width=5),
            Girl((400, 246), 104, Mood.SHOUTING, Pose.BUST, turn=0.2, wind=0.8, rim=4),
            Cat((696, 306), 46, Mood.SURPRISED, look=-0.9, rim=4, tail=False),
        ),
    )
    huh = Panel(
        ((444, 412), (786, 392), (786, 716), (444, 716)),
        (
            Tone((440, 390, 790, 720), (0.05, 0.4)),
            Star((584, 612), 84, Mood.SURPRISED, rim=3),
            Drops(((690, 566, 13, 30), (708, 600, 10, 50))),
        ),
    )
    grip = Panel(
        ((44, 436), (432, 413), (432, 716), (44, 716)),
        (
            SpeedLines((44, 410, 432, 716), -30, 50, 1.6),
            Girl((236, 560), 60, Mood.DETERMINED, Pose.HOLD, turn=-0.2, wind=0.6, rim=3),
            Star((236, 700), 50, Mood.SCARED, rim=2),
        ),
    )
    wind_up = panel(
        44, 734, 786, 1126,
        Solid(rect(40, 730, 790, 1130), 0),
        FocusLines((430, 940), (250, 140), 130, width=3.2, ink=255),
        Hill(((30, 1086), (300, 1070), (560, 1072), (800, 1084)), 1140, tufts=12),
        shadow(440, 1096, 90),
        Girl((440, 904), 56, Mood.DETERMINED, Pose.THROW, turn=-0.5, flip=True, tilt=6, rim=4, wind=1.2),
        Star((338, 868), 40, Mood.SCARED, rim=3, tear=True, tilt=-20),
        shadow(690, 1102, 52),
        Cat((676, 1020), 34, Mood.SURPRISED, look=-0.9, rim=3),
        Puffs(((372, 1086, 16), (518, 1088, 18), (548, 1096, 12))),
    )  # fmt: skip
    return PageSpec(
        panels=(that, huh, grip, wind_up), seed=5,
        texts=(
            shout(SAID["5.that"], (126, 176), (276, 250), size=36),
            say(SAID["5.eh"], (738, 470), group="huh", size=24),
            say(SAID["5.ehh"], (690, 500), (640, 562), group="huh", size=24),
            say(SAID["5.ready"], (378, 520), (310, 590)),
            aside(SAID["5.stop"], (108, 566), size=28, tilt=8, outline=3),
            say(SAID["5.heave"], (668, 838), (524, 914), size=24),
            sound(SAID["5.rumble"], (136, 900), size=74, tilt=6, white=True, grow=0.25, tracking=0.12),
        ),
    )  # fmt: skip


def page_6() -> PageSpec:
    """The throw."""
    throw = Panel(
        ((-10, -10), (840, -10), (840, 500), (-10, 600)),
        (
            SpeedLines((-100, -100, 930, 700), -38, 260, 3.6),
            Flash((400, 300), (290, 220), 34),
            Hill(((-20, 590), (200, 556), (480, 530), (850, 500)), 700, tufts=14),
            Girl((330, 286), 76, Mood.SHOUTING, Pose.THROW, turn=0.5, tilt=10, rim=4, wind=1.4),
            Star((580, 208), 56, Mood.SCARED, tear=True, tilt=28, rim=3),
            Marks((456, 270), 36, -80, 20, 4, 4),
        ),
    )
    fly = Panel(
        ((-10, 622), (840, 522), (840, 1180), (-10, 1180)),
        (
            NightSky((0, 520, 830, 1170), stars=230, pale=0.72, sparkles=10),
            Trail((330, 1120), (560, 690), 26),
            Sparkles(((560, 680, 92), (640, 790, 14), (480, 800, 12), (452, 930, 9))),
            Star((560, 680), 36, Mood.SCARED, tilt=30, rim=3),
            Hill(((-20, 1090), (200, 1050), (420, 1060), (640, 1090), (850, 1080)), 1190, density=1.0, tufts=24),
            Pine((70, 1090), 150), Pine((150, 1070), 100), Pine((770, 1096), 140),
            Girl((560, 1004), 32, back=True, pose=Pose.REACH, rim=3, wind=0.8),
            Cat((650, 1062), 22, Mood.SURPRISED, rim=2.5),
        ),
    )  # fmt: skip
    return PageSpec(
        panels=(throw, fly), seed=6,
        texts=(
            sound(SAID["6.swing"], (720, 236), size=92, tilt=12, grow=0.5),
            shout(SAID["6.go"], (118, 200), (230, 300), size=38, tilt=-6),
            shout(SAID["6.aah"], (724, 752), (604, 700), size=26),
            sound(SAID["6.twinkle"], (398, 724), size=52, tilt=-10, white=True, grow=0.2, outline=3),
            say(SAID["6.far"], (728, 988), (672, 1046), size=21),
        ),
    )  # fmt: skip


def page_7() -> PageSpec:
    """One more star."""
    quiet = panel(
        -10, -10, 840, 470,
        NightSky((0, 0, 830, 480), stars=260, pale=0.8, sparkles=8),
        Sparkles(((566, 116, 46),)), Star((566, 116), 17, Mood.HAPPY),
        Hill(((-20, 430), (240, 386), (480, 392), (850, 440)), 490, density=1.0, tufts=24),
        Town(-20, 200, 486, 50), Town(610, 850, 486, 56),
        Girl((352, 300), 30, back=True, rim=3, wind=0.9), Cat((432, 356), 20, Mood.CALM, rim=2.5),
    )  # fmt: skip
    home = panel(
        440, 488, 786, 770,
        Tone((440, 488, 786, 770), (0.45, 0.1)),
        Cat((560, 676), 74, Mood.CALM, look=-0.5, rim=4, tail=False),
    )  # fmt: skip
    yes = panel(
        44, 488, 428, 770,
        Tone((44, 488, 428, 770), (0.0, 0.26)),
        Sparkles(((92, 540, 16), (376, 720, 12), (70, 690, 10)), ink=0),
        Girl((252, 660), 80, Mood.HAPPY, Pose.BUST, turn=0.3, wind=0.5, rim=3),
    )  # fmt: skip
    again = panel(
        44, 788, 786, 1126,
        NightSky((44, 788, 786, 1126), stars=60, pale=0.55, sparkles=2),
        Flash((400, 980), (300, 160), 34),
        Hill(((30, 1084), (300, 1066), (560, 1068), (800, 1082)), 1140, tufts=10),
        Puffs(((300, 1070, 26), (500, 1070, 28), (262, 1084, 18), (540, 1086, 18), (340, 1056, 24), (456, 1056, 26))),
        Star((400, 1004), 78, Mood.HAPPY, look=-0.3, rim=3),
        shadow(190, 1104, 52), shadow(96, 1102, 46),
        Girl((190, 964), 40, Mood.SURPRISED, Pose.STAND, turn=0.8, rim=4, wind=0.3),
        Cat((90, 1034), 28, Mood.FLAT, look=1.0, rim=3),
    )  # fmt: skip
    return PageSpec(
        panels=(quiet, home, yes, again), seed=7,
        texts=(
            narrate(SAID["7.more"], (746, 190), dark=False),
            think(SAID["7.again"], (216, 176), (326, 248)),
            say(SAID["7.home"], (706, 594), (620, 650)),
            say(SAID["7.yes"], (100, 606), (166, 660), size=26),
            sound(SAID["7.boom"], (722, 934), size=50, tilt=8, white=True, grow=0.6),
            say(SAID["7.forgot"], (586, 886), (470, 984)),
            say(SAID["7.oh"], (92, 890), (90, 1000), size=20),
            title(SAID["7.end"], (738, 1080), size=26, white=False, vertical=False),
        ),
    )  # fmt: skip
