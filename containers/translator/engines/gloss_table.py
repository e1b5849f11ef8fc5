"""What a dictionary is bad at: cries, pronouns, and the words that grammar is made of. Our own, short on purpose.

Keys are spellings as the tokenizer unites them (``Word.normal``) or writes them (``Word.lemma``).
"""

from __future__ import annotations

import re


def _pairs(table: str) -> dict[str, str]:
    """``"a b = x; c = y"``, over several lines, as ``{"a": "x", "b": "x", "c": "y"}``."""
    rows = (row.split("=") for row in re.split(r"[;\n]", table) if row.strip())
    return {word: english.strip() for words, english in rows for word in words.split()}


CRIES = _pairs("""
あ ああ あー = ah; あれ ありゃ = huh; いや いいや = no; いえ いいえ = no; いやあ = well; う うう ううっ = ugh
うお うおお うおっ = whoa; うわ うわあ うわわ わわ = whoa; うん うむ うんうん = yeah; ううん = uh-uh
え えっ ええっ へ = huh; ええ = yeah; えい えいっ = hyah; えと えっと ええと = um; えへ えへへ = heh heh
お おお おっ おー = oh; おい こら こらっ = hey; おら おらあ = take that; おや あら あらあら おやおや = oh my
きゃ きゃあ きゃー = eek; く くそ くっ ちくしょう = damn; くく くくく = heh heh; ぐ ぐう ぐぐ ぐは うぐ = ngh
げ げえ = ugh; げほ ごほ = cough; さあ さー = come on; しっ = shh; じゃ じゃあ = well then; そう = I see
そうそう = oh right; それ そりゃ = there; ち ちえ ちっ = tch; ちょ ちょっと ちょっ = hey; てへ = tee hee
な なっ = wha; なあ なー ねえ ねー ねぇ = hey; なに なにっ 何 = what; なんだ なんだと 何だ 何だと = what is this
なんで 何で なぜ 何故 = why; ね = right; の = huh; は はっ = huh; はあ はー = sigh; はい はーい はいはい = yes
はは ははは あはは あははは わはは = ha ha; ひ ひい ひえ ひゃ ひゃあ = eek; ふ ふん = hmph; ふう ふー = phew
ふふ ふふふ うふふ = heh heh; ふむ ふーん ふうん へえ へー ほう ほー ほお = hm; ほら ほれ = look
ま まあ まー = well; む むう むむ = hmm; や やあ = hey; やった やったあ = hooray; やれやれ = good grief
よ よお = yo; よし よっし よーし = all right; よっ よいしょ = heave-ho; わ わあ わー = wah; わっ = whoa
ん んん んー = hm; んあ んが = ngh; んじゃ = well then; んな = no way; ぎゃ ぎゃあ ぎゃー うぎゃ = gyah
やべ やべえ やばい = oh no; まさか = no way; もう = oh, come on; だめ ダメ 駄目 = no good; どうも = thanks
もしもし = hello; あの あのう あのさ = um; あのな あのなあ あのね = look here; その = um; ほんと 本当 = really
うそ 嘘 = no way; はて さて = now then; どれ = let me see; ばか バカ 馬鹿 = idiot; やだ いやだ 嫌 嫌だ = no
ごめん ごめんなさい すみません すいません すまん わるい 悪い = sorry
ありがとう ありがと ありがとうございます ありがとうございました サンキュー = thank you
おはよう おはようございます = good morning; こんにちは こんちは = hello; こんばんは = good evening
おやすみ おやすみなさい お休み = good night; さようなら さよなら = goodbye; ただいま = I'm home
おかえり おかえりなさい お帰り お帰りなさい = welcome back; いってきます 行ってきます 行って来ます = I'm off
いってらっしゃい 行ってらっしゃい = take care; いらっしゃい いらっしゃいませ = welcome; いただきます = let's eat
ごちそうさま = thanks for the meal; ごちそうさまでした = thanks for the meal
おつかれさま お疲れ様 お疲れさま おつかれ お疲れ お疲れ様です お疲れ様でした = good work
おねがいします お願いします お願い = please; おじゃまします お邪魔します = sorry to intrude
しつれいします 失礼します = excuse me; 失礼しました = excuse me; おめでとう おめでとうございます = congratulations
よろしく よろしくお願いします = glad to meet you; なるほど = I see; もちろん 勿論 = of course
わかった 分かった = got it; 了解 = got it; しょうがない 仕方ない しかたない = no helping it
大丈夫 だいじょうぶ = it's OK; まって 待って = wait; まて 待て = wait; ちょっと待って ちょっとまって = wait a moment
ちょっと待て = wait a moment; やめて やめろ = stop; たすけて 助けて = help; うるさい うるせえ うるせー = shut up
がんばれ 頑張れ = hang in there; がんばって 頑張って = hang in there; どうした どうしたの = what's wrong
そうか そっか そうですか = I see; そうだ = that's right; そうです そうですね そうだな そうだね そうね = that's right
なんでもない 何でもない = it's nothing; なにこれ 何これ なんだこれ 何だこれ = what is this; せーの = one, two
ドキ ドキッ どき = ba-dump
""")

MEANINGS = _pairs("""
どうしよう = what to do; だって = but; まさか = surely not
私 わたし 俺 僕 我 あたし オレ ボク = I; 貴方 あなた 君 御前 お前 貴様 てめえ てめー おめえ あんた = you; 彼 = he
彼女 = she; 皆 みんな = everyone; 我々 私達 俺達 僕達 = we; 自分 = self; 此れ これ = this; 其れ それ = that
彼れ あれ = that; 何れ どれ = which; 此処 ここ = here; 其処 そこ = there; 彼処 あそこ = over there
何処 どこ = where; 何 なん なに = what; 誰 = who; 何時 いつ = when; 如何 どう = how; 何故 なぜ = why
此の この = this; 其の その = that; あの = that; どの = which; こんな = like this; そんな = like that
あんな = like that; どんな = what kind; そう = so; こう = like this; ああ = yeah; 此方 こちら こっち = this way
其方 そちら そっち = that way; 彼方 あちら あっち = over there; 為る する = do; 遣る やる = do; 居る いる おる = be
有る ある = there is; 無い ない = none; 成る なる = become; 出来る できる = can; 来る くる = come; 行く いく = go
言う いう = say; 思う = think; 見る みる = look; 知る = know; 分かる わかる = understand; 上げる あげる = give
呉れる くれる = give me; 貰う もらう = receive; 仕舞う しまう = end up; 下さる くださる = please; 頼む = please
入る = enter; 待つ = wait; 済む すむ = be done; 死ぬ = die; 良い いい よい = good; 凄い すごい = amazing
酷い ひどい = awful; 欲しい = want; 好き = like; 大好き = love; 嫌い = hate; 嫌 いや = no; 旨い うまい = good
やばい = oh no; 高い = high; 大丈夫 = OK; 駄目 = no good; 無理 = impossible; 本当 ほんと = really; 変 = strange
大変 = tough; 平気 = fine; 可愛い = cute; 事 こと = thing; 物 もの = thing; 所 ところ = place; 時 とき = when
訳 わけ = reason; 方 ほう = way; 人 = person; 奴 やつ = guy; 此奴 こいつ = this guy; 其奴 そいつ = that guy
彼奴 あいつ = that guy; 為 ため = for; 筈 はず = should; 積もり つもり = intend; 気 = feeling; 間 = while
前 = before; 後 = after; 他 = other; 中 = inside; 上 = above; 下 = below; 今 = now; 又 また = again; もう = already
未だ まだ = still; 一寸 ちょっと = a little; 少し = a little; 一杯 いっぱい = lots; 凄く すごく = very
とても = very; 全く ったく = really; 全然 = not at all; 多分 = probably; 屹度 きっと = surely; 勿論 = of course
矢張り やっぱり やはり = after all; ちゃんと = properly; 直ぐ すぐ = right away; 早く = quickly
余り あまり = not much; 御免 ごめん = sorry; 宜しく よろしく = please; 有り難う = thanks
でも だが しかし けど けれど = but; だから それで = so; それに = besides; 然して そして = and then
で じゃあ では じゃ = then; なら = if so; つまり = in other words; さん 様 ちゃん 殿 =; 達 たち ら 等 =; 初 = first
中々 = quite; 取り敢えず = for now; 御 お ご =; やがる =; なんて なんか など =; 手伝い お手伝い = help; よう = like
みたい っぽい ぽい = like; らしい = seems; かも = maybe; だけ = only; しか = only; ばかり = only; より = than
くらい ぐらい 位 = about; 易い やすい = easy to; 難い にくい = hard to; 過ぎる すぎる = too much; 始める = start to
人々 = people; 先輩 = senpai; 先生 = sensei; 兄ちゃん = big brother; お父さん 父さん パパ = dad
お母さん 母さん ママ = mom; お兄さん お兄ちゃん 兄さん = big brother; お姉さん お姉ちゃん 姉さん = big sister
日本 = Japan; 大した = great; 一体 = on earth; かもしれない かもしれません かも知れない かもな かもね = maybe
だったら = if so; それでも = even so; なのに = and yet; だからって = even so; という = called
といえば = speaking of; というか ていうか つーか = I mean; として = as; にとって = for; について = about
によって = by; ほうがいい 方がいい ほうが良い = had better; どうして = why; どうしても = no matter what
どういう = what kind of; こういう = this kind of; そういう = that kind of; なんだか 何だか = somehow
なんで 何で = why; なんだ 何だ = what is; 何か なにか = something; 何も なにも = nothing; 何でも なんでも = anything
誰か = someone; 誰も = no one; いつか = someday; いつも = always; いつでも = anytime; どこか = somewhere
なんとか 何とか = somehow; これから = from now on; それから = and then; わけがない わけない = no way
に違いない にちがいない = surely; もしかして = perhaps; ことができる = can; どうぞ = go ahead; たくさん 沢山 = many
こちらこそ = likewise; しかたがない 仕方がない しょうがない しょうがねえ = no helping it; 気にする = worry
ちがう 違う = differ; ように = so that; そしたら = then; とは = meaning; うんそう = yeah; そうそう = oh right
だし = and; 店長 = manager; 必要 = need; 任せる = leave it to me; お婆ちゃん おばあちゃん = granny
お爺ちゃん おじいちゃん = grandpa; 土産 お土産 御土産 おみやげ = souvenir; 見つける = find; 決まる = be decided
頑張る = do one's best; 行き成り いきなり = suddenly; 急 = sudden; 始めまして 初めまして = nice to meet you
助ける = help; 助かる = be saved; 仕方 = way
""")

PARTICLES = {
    "から": "so",
    "ので": "so",
    "が": "but",
    "けれど": "but",
    "けど": "but",
    "のに": "even though",
    "し": "and",
}
POSSESSIVE = {"I": "my", "you": "your", "he": "his", "she": "her", "we": "our", "everyone": "everyone's"}
POSSESSIVE |= {"who": "whose", "self": "own"}
HONORIFICS = frozenset({"さん", "様", "さま", "ちゃん", "君", "くん", "殿", "先輩", "先生"})
PUNCTUATION = {
    **{
        "。": ".",
        "、": ",",
        "，": ",",
        "．": ".",
        "！": "!",
        "？": "?",
        "…": "...",
        "‥": "...",
        "・": " ",
        "〜": "~",
        "～": "~",
    },
    **{"「": "“", "」": "”", "『": "“", "』": "”", "〝": "“", "〟": "”", "（": "(", "）": ")", "【": "(", "】": ")"},
    **{
        "―": "--",
        "—": "--",
        "–": "--",
        "ー": "--",
        "‼": "!!",
        "⁉": "!?",
        "〈": "“",
        "〉": "”",
        "《": "“",
        "》": "”",
        "：": ":",
    },
}
