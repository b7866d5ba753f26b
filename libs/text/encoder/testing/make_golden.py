#!/usr/bin/env python3
"""Writes word_piece_golden.txt: what the reference tokeniser makes of 2 000 sentences of our own.

    python3 -m venv /tmp/golden && /tmp/golden/bin/pip install tokenizers==0.23.3
    /tmp/golden/bin/python libs/text/encoder/testing/make_golden.py

One line a sentence: the text, a tab, the ids of bge-small-en-v1.5, a tab, those of bge-small-zh-v1.5,
both with their special tokens and cut at 512. An id is three digits of base 64, the highest first. In the text a
backslash, tab, newline or control stands as \\xHH of its UTF-8 bytes. The random seed is fixed.
"""
import pathlib
import random
import unicodedata

from tokenizers import Tokenizer

HERE = pathlib.Path(__file__).resolve().parent
MODELS = HERE.parents[3] / ".cache" / "models"
DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
SENTENCES = 2000

THINGS_EN = ["order", "parcel", "refund", "invoice", "charger", "Subscription", "air conditioner",
             "e-mail address", "SIM card", "return label", "T-shirt", "café voucher", "naïve résumé"]
ACTS_EN = ["cancel", "track", "return", "exchange", "pay for", "complain about", "re-send", "ASK ABOUT"]
THINGS_ZH = ["订单", "快递", "退款", "发票", "充电器", "会员", "空调", "收货地址", "手机卡", "优惠券", "羽绒服"]
ACTS_ZH = ["取消", "查询", "退掉", "换", "支付", "投诉", "重新寄", "咨询"]
NAMES = ["Zoë", "Łukasz", "Ångström", "Nguyễn Thị", "O'Brien", "Jürgen", "İpek", "Ἀθήνα", "Владимир", "ありがとう",
         "カタカナ", "ｶﾀｶﾅ", "한국어", "مرحبا بكم", "שלום", "ไทยแลนด์", "हिन्दी", "தமிழ்", "ﬁne ﬂow", "ǅungla", "ẞtraße"]
EMOJI = ["😀", "👍🏽", "👩‍💻", "🇨🇳", "❤️", "☎️", "🤷‍♀️", "1️⃣", "™", "©", "→", "½", "№", "①", "㊗", "🀄"]
WIDE = ["ＡＢＣ１２３", "ｆｕｌｌ　ｗｉｄｔｈ", "＄９９．９", "（括号）", "《书名》", "「引号」", "……", "——", "￥1,299", "、。！？"]
CODES = ["FD-2026-000123", "http://example.com/a?b=c&d=%20", "a_b-c.d@example.org", "12:30", "2026/11/22",
         "+86 138-0013-8000", "v1.2.3-rc4", "C++/C#", "$1,234.56", "0x7F", "don't", "it's", "rock'n'roll", "100%"]
MARKERS = ["[CLS]", "[SEP]", "[MASK]", "[UNK]", "[PAD]", "[cls]", "[UNK", "[[SEP]]", "a[SEP]b", "##ing", "[unused1]"]
SPACES = [" ", "  ", "\t", "\n", "\r\n", "\u00a0", "\u3000", "\u2009", "\u200b", "\u2028", "\u0085", "\x0b", ""]
ODD = ["\x00", "\x07", "\x1b[31m", "\u200d", "\ufeff", "\ufffd", "\u00ad", "\u202e", "\u2066", "\ue000", "\uf8ff",
       "\U0010fffd", "\u0378", "\U000e0041", "e\u0301", "a\u0308\u0323", "\u0301\u0301", "\u1e9b\u0323", "\u212b",
       "\ufb03", "\uac00", "\u1112\u1161\u11ab", "\u2f00", "\u3400", "\U00020000", "\U0002a6df", "\uf900", "\u3007",
       "\u30fb", "\u3105", "\u166d", "\u2e3a", "\u2e52", "\u0130", "\u1e9e", "\u03a3\u03a2", "\u10a0", "\u13a0",
       "\u1c80", "\U0001e900", "\U00010400", "\u061c", "\u180e", "\u1885", "\ua7cb", "\U0002b920", "\U0002b820"]


def word(rng, low, high):
    return "".join(rng.choice("abcdefghijklmnopqrstuvwxyz") for _ in range(rng.randint(low, high)))


def english(rng):
    return rng.choice([
        "How can I {a} my {t}?", "I want to {a} the {t} that {n} bought on {c}.", "{n} says: \"{a} {t}!!!\"",
        "why was my {t} ({c}) not here yet", "PLEASE {a} MY {t} NOW {e}", "{t},{t};{t}/{t}", "can u {a} {t} plz {e}{e}",
    ]).format(a=rng.choice(ACTS_EN), t=rng.choice(THINGS_EN), n=rng.choice(NAMES), c=rng.choice(CODES),
              e=rng.choice(EMOJI))


def chinese(rng):
    return rng.choice([
        "请问怎么{a}{t}？", "我想{a}{n}买的{t}，订单号{c}。", "{t}{a}了没有{e}", "麻烦帮我{a}一下{t}，谢谢！{w}", "{w}{t}到底什么时候能{a}",
        "{t}、{t}和{t}都要{a}", "亲，{t}可以{a}吗～{e}",
    ]).format(a=rng.choice(ACTS_ZH), t=rng.choice(THINGS_ZH), n=rng.choice(NAMES), c=rng.choice(CODES),
              e=rng.choice(EMOJI), w=rng.choice(WIDE))


def mixed(rng):
    parts = [english, chinese, lambda r: r.choice(NAMES), lambda r: r.choice(EMOJI), lambda r: r.choice(WIDE),
             lambda r: r.choice(CODES), lambda r: r.choice(MARKERS), lambda r: r.choice(ODD),
             lambda r: word(r, 1, 14), lambda r: word(r, 1, 12).upper()]
    text = ""
    for _ in range(rng.randint(1, 4)):
        text += rng.choice(parts)(rng) + rng.choice(SPACES)
    return text


def odd_points(rng):
    """Assigned and unassigned characters from anywhere, glued to words."""
    text = ""
    for _ in range(rng.randint(1, 8)):
        point = rng.choice([rng.randrange(0x20, 0x3000), rng.randrange(0xA000, 0xD800),
                            rng.randrange(0xE000, 0x10000), rng.randrange(0x10000, 0x1FFFF)])
        text += rng.choice(["", "a", "好", " "]) + chr(point)
    return text


def marks(rng):
    form = rng.choice(["NFC", "NFD", "NFKC", "NFKD"])
    return unicodedata.normalize(form, " ".join(rng.sample(NAMES, 2)))


EDGES = ["", " ", "\n\t", "a", "。", "\u200b", "x" * 100, "x" * 101, "é" * 100, "é" * 101, "unbelievably" * 8 + "x" * 4,
         "中" * 600, "token " * 600, "antidisestablishmentarianism", "[SEP]" * 3, "好[SEP]好", "A" * 99 + "É", "##",
         "1" * 100, "!" * 40, "[CLS][SEP]", "a\u0301" * 60, "\u0130" * 50 + "b", "x" * 99 + "\u0301" + "y"]


def sentences():
    rng = random.Random(20261122)
    makers = [english, chinese, mixed, mixed, odd_points, marks]
    texts = dict.fromkeys(EDGES)
    while len(texts) < SENTENCES:
        texts[rng.choice(makers)(rng)] = None
    return list(texts)


def escaped(text):
    return "".join("".join(f"\\x{b:02x}" for b in c.encode()) if c == "\\" or unicodedata.category(c) == "Cc"
                   else c for c in text)


def packed(ids):
    return "".join(DIGITS[i >> 12] + DIGITS[i >> 6 & 63] + DIGITS[i & 63] for i in ids)


def main():
    tokenizers = []
    for name in ("bge-small-en-v1.5", "bge-small-zh-v1.5"):
        tokenizer = Tokenizer.from_file(str(MODELS / name / "tokenizer.json"))
        tokenizer.enable_truncation(512)
        tokenizers.append(tokenizer)
    with open(HERE / "word_piece_golden.txt", "w", encoding="utf-8", newline="\n") as out:
        for text in sentences():
            out.write("\t".join([escaped(text)] + [packed(t.encode(text).ids) for t in tokenizers]) + "\n")


if __name__ == "__main__":
    main()
