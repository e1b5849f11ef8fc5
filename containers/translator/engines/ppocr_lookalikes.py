"""Characters that look alike, told apart by what the language makes of them where the recognizer wavers.

It knows the characters of Japanese and Chinese together: to it 顏 is as likely as 顔, and 力 in カエル as カ.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from translator.engines.ppocr_recognizer import Character

_OLD = (
    "國學會圖體對戰變聲來應當發萬樂氣澤邊廣圓圈顏靜眞惡亞壓圍醫榮畫覺觀關舊據擧區經輕縣嚴效號濟雜殘絲實寫釋壽"
    "收從澁獸肅處敍獎條乘淨剩疊讓釀觸囑愼盡隨髓數攝專淺錢纖禪雙壯搜插騷莊總臟屬續墮帶滯臺瀧擇擔膽團彈斷癡遲晝"
    "蟲鑄聽鎭遞點傳黨盜燈稻獨讀貳惱腦廢賣麥拔蠻祕拂佛寶豐譯藥與豫餘搖樣謠亂覽兩獵綠壘勵禮靈齡戀爐勞樓灣"
)
_NEW = (
    "国学会図体対戦変声来応当発万楽気沢辺広円圏顔静真悪亜圧囲医栄画覚観関旧拠挙区経軽県厳効号済雑残糸実写釈寿"
    "収従渋獣粛処叙奨条乗浄剰畳譲醸触嘱慎尽随髄数摂専浅銭繊禅双壮捜挿騒荘総臓属続堕帯滞台滝択担胆団弾断痴遅昼"
    "虫鋳聴鎮逓点伝党盗灯稲独読弐悩脳廃売麦抜蛮秘払仏宝豊訳薬与予余揺様謡乱覧両猟緑塁励礼霊齢恋炉労楼湾"
)
_NEW_FORMS: dict[str, str] = dict(zip(_OLD, _NEW, strict=True))
_OLD_SURE = 0.95
"""An old form is believed where the recognizer is this sure of it: it stands in names, and on signs."""
_KANA: dict[str, str] = dict(zip("力工口二夕卜才千八", "カエロニタトオチハ", strict=True))
_ONE_SHAPE = frozenset("へべぺヘベペー")
"""Kana of one shape in both scripts, and the long vowel mark: they tell nothing of their neighbours."""
_KANJI: dict[str, str] = {kana: kanji for kanji, kana in _KANA.items()}
_LEAST = 0.1
"""How likely the other of two has to be for its neighbours to speak for it."""


def told_apart(line: Sequence[Character]) -> tuple[Character, ...]:
    """A line of Japanese with the new forms of kanji, and with those kana and kanji that fit their neighbours."""
    renewed = [_renewed(character) for character in line]
    return tuple(
        _fitting(character, [other.text for other in renewed[max(0, n - 1) : n] + renewed[n + 1 : n + 2]])
        for n, character in enumerate(renewed)
    )


def _renewed(character: Character) -> Character:
    is_old = character.other != "" and _NEW_FORMS.get(character.text) == character.other
    return _swapped(character) if is_old and character.confidence < _OLD_SURE else character


def _fitting(character: Character, neighbours: Sequence[str]) -> Character:
    """A kanji among kana becomes the kana that it looks like, and a kana among kanji the kanji; never on doubt."""
    kana, kanji = any(_is_katakana(text) for text in neighbours), any(_is_kanji(text) for text in neighbours)
    if character.other_confidence < _LEAST or kana == kanji:
        return character
    likeness = _KANA if kana else _KANJI
    return _swapped(character) if likeness.get(character.text) == character.other else character


def _swapped(character: Character) -> Character:
    """Both looks count for it: the two shapes are one, and what tells them apart is not in the picture."""
    both = min(1.0, character.confidence + character.other_confidence)
    return replace(
        character,
        text=character.other,
        confidence=both,
        other=character.text,
        other_confidence=0.0,
    )


def _is_katakana(text: str) -> bool:
    return "ァ" <= text <= "ヺ" and text not in _ONE_SHAPE


def _is_kanji(text: str) -> bool:
    return "一" <= text <= "鿿"
