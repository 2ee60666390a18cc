"""How people really type: typos, lost capitals and punctuation, a word before and after. Values are never touched."""

import random
from collections.abc import Sequence

_NEAR = {"a": "sq", "e": "wr", "i": "uo", "o": "ip", "n": "bm", "t": "ry", "s": "ad", "r": "et", "l": "k", "d": "sf", "h": "gj", "c": "xv", "m": "n", "u": "yi"}
_OPENERS = {
    "en": ["hi, ", "Hello! ", "hey ", "Morning. ", "quick one: ", "Right, ", "ok so ", "Sorry to bother you, ", "please ", "one more thing - ", "Next: ", "btw ", "so, ", "urgent: ", "Hi there, ", "as discussed, ", "when you have a minute: "],
    "zh": ["你好，", "在吗，", "麻烦", "请问", "早，", "对了，", "那个，", "急：", "帮忙看看，", "再问一个，", "嗨 ", "您好，"],
}  # fmt: skip
_CLOSERS = {
    "en": [" please", " thanks", " thx", " - ta", ", cheers", " asap", " Thanks!", " pls", " for me", " (for the meeting)", " when you can", " 🙏", " today if possible"],
    "zh": ["，谢谢", " 谢谢", "，急", "，麻烦了", "~", "，辛苦", " 多谢", "哈", "，老板在等"],
}  # fmt: skip


def _typo(text: str, rng: random.Random) -> str:
    spots = [i for i in range(1, len(text) - 1) if text[i].isascii() and text[i - 1 : i + 2].isalpha()]
    if not spots:
        return text
    at = rng.choice(spots)
    kind = rng.randrange(4)
    if kind == 0:
        return text[:at] + text[at + 1 :]
    if kind == 1:
        return text[:at] + text[at] + text[at:]
    if kind == 2:
        return text[: at - 1] + text[at] + text[at - 1] + text[at + 1 :]
    near = _NEAR.get(text[at].lower())
    return text[:at] + rng.choice(near) + text[at + 1 :] if near else text


def distort(pieces: Sequence[str], rng: random.Random, lang: str) -> list[str]:
    """The words between values as a hurried person types them."""
    out = list(pieces)
    if lang != "zh":
        if rng.random() < 0.2:
            out = [piece.lower() for piece in out]
        elif rng.random() < 0.03:
            out = [piece.upper() for piece in out]
        if rng.random() < 0.15:
            for _ in range(rng.choice((1, 1, 2))):
                index = rng.randrange(len(out))
                out[index] = _typo(out[index], rng)
    if rng.random() < 0.2:
        out[-1] = out[-1].rstrip(".?!。？！")
    elif rng.random() < 0.1:
        out[-1] = out[-1].rstrip(".?!。？！") + rng.choice(("?", "??", "...", "!", "？" if lang == "zh" else "?"))
    return out


def chatter(pieces: list[str], rng: random.Random, lang: str) -> list[str]:
    """Now and then a word before or after."""
    words = "zh" if lang == "zh" else "en"
    if rng.random() < 0.1:
        first = pieces[0]
        opener = rng.choice(_OPENERS[words])
        pieces = [opener + (first[:1].lower() + first[1:] if opener.endswith((", ", " ")) and not first[:2].isupper() else first), *pieces[1:]]
    if rng.random() < 0.07 and not pieces[-1].rstrip().endswith((".", "。", "!")):
        body = pieces[-1].rstrip("?？")
        tail = pieces[-1][len(body) :]
        pieces = [*pieces[:-1], body + rng.choice(_CLOSERS[words]) + tail]
    return pieces
