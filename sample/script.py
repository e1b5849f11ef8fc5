"""The script of the sample chapter, 『星ひろい』 (Picking Up Stars), and of its strip: Japanese and English, our own.

Ruby markup and line breaks are those of :mod:`sample.markup`.
"""

from __future__ import annotations

from dataclasses import dataclass

from sample.markup import parse


@dataclass(frozen=True, slots=True)
class Line:
    """A text of the script and its English, short enough for its balloon."""

    ja: str
    en: str

    @property
    def source(self) -> str:
        """The Japanese as a reader hands it back: no furigana, no breaks."""
        return parse(self.ja).plain


CHAPTER: dict[str, Line] = {
    "1.title": Line("星ひろい", "Picking Up Stars"),
    "1.night": Line(
        "その{夜|よる}、\n{町|まち}に{星|ほし}がひとつ\n{落|お}ちた。", "That night, a star fell on our town."
    ),
    "1.whoosh": Line("ヒュウウ", "WHOOSH"),
    "1.boom": Line("ドーン", "BOOM"),
    "1.what": Line("いまの\nなに！？", "What was that?!"),
    "1.sleepy": Line("さあね。\nぼくは{眠|ねむ}い。", "Who knows. I'm sleepy."),
    "2.midnight": Line("もう{夜|よる}の\n12時だよ？", "It's midnight, you know."),
    "2.go": Line("いいから、\n{見|み}に{行|い}こう！", "Never mind, let's go see!"),
    "2.cold": Line("{寒|さむ}いし\n{眠|ねむ}いし\nおなかもすいた。", "I'm cold, I'm sleepy, and I'm hungry."),
    "2.wait": Line("{星|ほし}は\n{待|ま}って\nくれないの！", "Stars don't wait!"),
    "2.sign": Line("立入禁止", "KEEP OUT"),
    "2.hill": Line("{裏山|うらやま}には\n{入|はい}っては\nいけない。", "No one may enter the hill behind the town."),
    "2.unseen": Line("{見|み}なかった\nことにしよう。", "Let's say we never saw it."),
    "2.sly": Line("そろーり", "tip-toe"),
    "3.here": Line("{落|お}ちたのは\nここみたい。", "This must be where it fell."),
    "3.who": Line("だれだ……", "Who's there..."),
    "3.sleep": Line("わが{眠|ねむ}りを\nさまたげる\n{者|もの}は……", "Who dares disturb my slumber...?"),
    "3.out": Line("{出|で}たーっ！", "Aaah! A ghost!"),
    "3.joke": Line(
        "なんてね。\n{一度|いちど}\n{言|い}って\nみたかったんだ。", "Just kidding. I've always wanted to say that."
    ),
    "3.star": Line("{星|ほし}なの！？", "It's a star?!"),
    "3.pop": Line("ポンッ", "POP"),
    "4.pika": Line("ぼくはピカ。\n{足|あし}を\nすべらせたんだ。", "I'm Pika. I lost my footing."),
    "4.haru": Line("わたしはハル。\nこっちはスミ。", "I'm Haru. This is Sumi."),
    "4.home": Line("{空|そら}に\n{帰|かえ}りたいけど", "I want to go home, but..."),
    "4.far": Line("{高|たか}すぎて\n{届|とど}かないよ……", "the sky is too high for me..."),
    "4.sob": Line("ぐすん", "sniff"),
    "4.ladder": Line("はしごじゃ\n{足|た}りないし……", "A ladder won't be enough..."),
    "4.throw": Line("なげて\nみたら？", "Why not throw him?"),
    "5.that": Line("それだーっ！", "That's it!!"),
    "5.eh": Line("え？", "Huh?"),
    "5.ehh": Line("ええっ？", "What?"),
    "5.ready": Line("いくよ、ピカ！", "Here we go, Pika!"),
    "5.stop": Line("ちょっ……\n{待|ま}って！", "H-hold on!"),
    "5.heave": Line("せーの……", "Ready, set..."),
    "5.rumble": Line("ゴゴゴ", "RUMBLE"),
    "6.go": Line("いっけえ\nええっ！", "Goooo!"),
    "6.swing": Line("ブンッ", "SWISH"),
    "6.aah": Line("うわああ\nああっ！", "Waaaaah!"),
    "6.twinkle": Line("キラーン", "TWINKLE"),
    "6.far": Line("……{飛|と}んだねえ。", "...There he goes."),
    "7.more": Line(
        "その{夜|よる}から、\n{空|そら}の{星|ほし}が\nひとつ{増|ふ}えた。",
        "From that night on, there was one more star in the sky.",
    ),
    "7.again": Line("また\n{会|あ}えるかな。", "Will we meet again?"),
    "7.home": Line("{風邪|かぜ}をひくよ。\n{帰|かえ}ろう。", "You'll catch a cold. Let's go home."),
    "7.yes": Line("うん！", "Okay!"),
    "7.boom": Line("ドーン", "BOOM"),
    "7.forgot": Line("{忘|わす}れもの\nしちゃった。", "I forgot something."),
    "7.oh": Line("またか。", "Not again."),
    "7.end": Line("おわり", "The End"),
}

STRIP: dict[str, Line] = {
    "s.title": Line("スミの朝ごはん", "Sumi's Breakfast"),
    "s.morning": Line("翌朝。雪がつもっていた。", "The next morning, there was snow."),
    "s.hungry": Line("おなかすいた。", "I'm hungry."),
    "s.growl": Line("グゥゥ", "GROWL"),
    "s.wait": Line("ちょっと待ってね、\nいま焼くから。", "Hang on, I'm about to grill it."),
    "s.fish": Line("魚がない！？", "The fish is gone?!"),
    "s.think": Line("ぼくは\nまだ食べてないぞ……", "I haven't eaten it yet..."),
    "s.crunch": Line("モグモグ", "MUNCH MUNCH"),
    "s.you": Line("おまえか！！", "It was you!!"),
    "s.sorry": Line("ごめん。\n宇宙には\n魚がいなくて。", "Sorry. There are no fish in space."),
    "s.share": Line("しかたないなあ。\n半分こだよ。", "Oh, all right. Let's share."),
    "s.yum": Line("おいしいね！", "Yummy!"),
    "s.end": Line("つづく", "To be continued"),
}
