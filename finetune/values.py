"""Values that fill a phrasing's placeholders: the writers' own lists and names made on the fly.

Copying must work for names nobody has seen, so half of all names are put together at random.
"""

import json
import random
import string
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent / "phrasings"
CHINESE = frozenset({"lina", "laozhou", "chengdu"})

_ADJECTIVES = "classic mini large folding soft bright vintage oak steel copper linen ceramic silk cotton deluxe slim round travel kids baby garden winter summer alpine ocean forest amber coral ivory navy sage rose golden silver matte glossy ultra pro light heavy-duty waterproof wireless quilted striped floral organic bamboo recycled scented velvet".split()  # fmt: skip
_NOUNS = "mug lamp tent kettle blanket cushion candle lunchbox bottle jacket glove sock scarf helmet bowl plate tray basket vase clock mirror towel pillow rug brush comb serum cream lotion mask soap perfume lipstick charger cable headset speaker keyboard tripod backpack wallet belt boot sandal cap vest puzzle kite drum rattle leash collar feeder litter harness planter hose rake shears bracket shelf hook hanger notebook pen stapler envelope ribbon sticker teapot whisk ladle skillet apron doorstop bunting cakestand sign tin".split()  # fmt: skip
_BRANDS = "Nordvik Hale & Finch|Bellweather|Lumo|Kestrel|Marigold|Tarn|Ostra|Pemberly|Zuri|Calder|Fenn|Halcyon|Brisa|Odell|Quill|Rowan|Sable|Thistle|Umbra|Vireo|Wren|Yarrow|Aster|Bramble|Cedra|Drift|Ember|Fjord|Grove".split("|")  # fmt: skip
_SIZES = ["30ml", "250 ml", "1L", "size M", "XL", "20cm", "2P", "pack of 6", "3-pack", "x12", "500g", "5 kg", "12\"", "USB-C", "65W", "set of 4", "40L", "No. 3", "Mk II", "V2", "100%", "A5", "60x90"]  # fmt: skip
_HAN_HEADS = "简约 加厚 便携 儿童 男士 女士 婴儿 折叠 防水 保暖 夏季 冬季 复古 北欧 纯棉 真皮 不锈钢 玻璃 陶瓷 硅胶 竹制 无线 智能 迷你 大号 小号 透明 磁吸 静音 速干 户外 宠物 厨房 车载 防晒 轻薄".split()  # fmt: skip
_HAN_NOUNS = "水杯 帐篷 保温杯 书包 雨伞 台灯 枕头 毛巾 口红 面霜 精华液 洗面奶 手机壳 充电器 数据线 耳机 音箱 键盘 鼠标垫 跑鞋 拖鞋 袜子 手套 围巾 羽绒服 T恤 卫衣 猫砂 猫碗 狗粮 牵引绳 奶瓶 纸尿裤 积木 拼图 花盆 收纳箱 衣架 炒锅 菜刀 筷子 饭盒 茶具 香薰 蜡烛 地毯 窗帘 挂钩 睡袋 登山杖 头灯 防潮垫".split()  # fmt: skip
_HAN_TAILS = ["", "", "", "500ml", "大号", "黑色", "米白", "两件套", "3只装", "XL", "升级款", "Pro", "(蓝)", "-红", "6寸", "礼盒装", "24cm"]
_PLACES = "Leeds|Dallas|Ghent|Porto|Gdansk|Malmo|Utrecht|Reno|Tampa|Lille|Bremen|Cork|Turin|Brno|Perth|Osaka|Fresno|Bilbao|Aarhus|Derby".split("|")
_HAN_PLACES = "杭州 义乌 东莞 成都 武汉 天津 佛山 宁波 苏州 郑州 美东 美西 德国 香港 华南 华北 华东 西南".split()
_MONTHS = "January February March April May June July August September October November December Jan Feb Mar Apr Jun Jul Aug Sep Oct Nov Dec".split()
_DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
_FEASTS = "Easter|Christmas|Black Friday|Halloween|Mother's Day|Father's Day|New Year|Valentine's|Pentecost|Prime Day|Singles' Day|back to school|Diwali|the bank holiday|Ramadan|Thanksgiving".split("|")
_HAN_FEASTS = "春节 国庆 双十一 618 中秋 元旦 端午 清明 五一 双十二 年货节 开学季 黑五 圣诞 七夕 儿童节".split()


@cache
def _lists(lang: str) -> dict[str, list[str]]:
    """All writers' values of one language, by kind."""
    merged: dict[str, list[str]] = {}
    for path in sorted(FOLDER.glob("*.values.json")):
        writer = path.name.split(".")[0]
        if (writer in CHINESE) == (lang == "zh"):
            for kind, values in json.loads(path.read_text()).items():
                merged.setdefault(kind, []).extend(values)
    return merged


def _code(rng: random.Random) -> str:
    """A stock-keeping code of one of the shapes that shops use."""
    letters = lambda n: "".join(rng.choices(string.ascii_uppercase, k=n))  # noqa: E731
    digits = lambda n: "".join(rng.choices(string.digits, k=n))  # noqa: E731
    shapes = (
        lambda: f"{letters(3)}-{letters(2)}-{digits(2)}",
        lambda: f"{letters(2)}-{digits(4)}",
        lambda: f"{letters(3)}-{digits(3)}-{letters(1)}",
        lambda: digits(5) + rng.choice(["", letters(1)]),
        lambda: "B0" + "".join(rng.choices(string.ascii_uppercase + string.digits, k=8)),
        lambda: f"SKU {digits(6)}",
        lambda: f"{letters(2)}{digits(3)}",
        lambda: f"{letters(3)}-{letters(4)}-{rng.choice(['S', 'M', 'L', 'XL', '30', '100'])}",
        lambda: f"{digits(2)}-{digits(4)}-{digits(2)}",
        lambda: f"{letters(2)}.{digits(4)}",
    )
    code = rng.choice(shapes)()
    return code.lower() if rng.random() < 0.15 else code


def _english_name(rng: random.Random) -> str:
    words = [rng.choice(_BRANDS)] if rng.random() < 0.35 else []
    words += rng.sample(_ADJECTIVES, rng.choice((0, 1, 1, 2))) + [rng.choice(_NOUNS)]
    if rng.random() < 0.2:
        words.append(rng.choice(_NOUNS))
    if rng.random() < 0.2:
        words[-1] += "s" if not words[-1].endswith(("s", "x")) else ""
    if rng.random() < 0.35:
        words.append(rng.choice(_SIZES))
    name = " ".join(words)
    return rng.choice((str, str, str.title, str.title, str.upper, str.lower))(name)


def _item(rng: random.Random, lang: str) -> str:
    if rng.random() < 0.22:
        return _code(rng)
    if lang == "zh" and rng.random() < 0.8:
        return rng.choice(("", rng.choice(_HAN_HEADS))) + rng.choice(_HAN_HEADS) * (rng.random() < 0.4) + rng.choice(_HAN_NOUNS) + rng.choice(_HAN_TAILS)
    return _english_name(rng)


def _warehouse(rng: random.Random, lang: str) -> str:
    if lang == "zh" and rng.random() < 0.8:
        return rng.choice(_HAN_PLACES) + rng.choice(("仓", "仓库", "仓", "", "分仓", "一号仓", "保税仓"))
    place = rng.choice(_PLACES)
    return rng.choice((place, place, place.lower(), f"WH-{place[:3].upper()}", f"{place} DC", f"{place[:3].upper()}{rng.randint(1, 9)}", f"WH{rng.randint(1, 30):02d}"))  # fmt: skip


def _supplier(rng: random.Random, lang: str) -> str:
    if lang == "zh" and rng.random() < 0.8:
        return rng.choice(_HAN_PLACES[:10]) + "".join(rng.sample("华盛鑫源恒达顺泰宏宇佳美龙丰", 2)) + rng.choice(("", "塑料厂", "电子", "制衣", "贸易", "五金", "包装"))
    return f"{rng.choice(_BRANDS)} {rng.choice(('Ltd', 'GmbH', 'Trading', '& Sons', 'Textiles', 'Supply Co', 'Imports', 'Mills', 'Plastics', ''))}".strip()


def _category(rng: random.Random, lang: str) -> str:
    return rng.choice(_HAN_NOUNS) + rng.choice(("类", "", "系列")) if lang == "zh" else f"{rng.choice(_NOUNS)}{rng.choice(('s', 's', ' accessories', ' sets', 's & more'))}"


def _topic(rng: random.Random, lang: str) -> str:
    if lang == "zh":
        return rng.choice(_HAN_HEADS) + rng.choice(_HAN_NOUNS) + rng.choice(("", "退货", "交期", "质检", "审批", "价格", "包装", "断货"))
    tail = rng.choice(("", "", " returns", " approval", " lead times", " quality", " damage", " recall", " pricing", " shelf life"))
    return f"{rng.choice(_ADJECTIVES)} {rng.choice(_NOUNS)}{tail}".strip()


def _date(rng: random.Random, lang: str) -> str:
    day, month = rng.randint(1, 28), rng.choice(_MONTHS)
    if lang == "zh":
        m = rng.randint(1, 12)
        return rng.choice((f"{m}月{day}日", f"{m}月{day}号", f"{m}月底", f"{m}月初", f"{day}号", f"下周{rng.choice('一二三四五六日')}", f"{rng.choice(_HAN_FEASTS)}前", rng.choice(_HAN_FEASTS), "明天", "后天", "月底", "年底", "本周五", "这个周末"))  # fmt: skip
    ordinal = f"{day}{'th' if 4 <= day <= 20 or day % 10 not in (1, 2, 3) else ('st', 'nd', 'rd')[day % 10 - 1]}"
    return rng.choice((f"{day} {month}", f"{month} {day}", f"{month} {ordinal}", f"the {ordinal}", f"end of {month}", f"mid {month}", f"next {rng.choice(_DAYS)}", rng.choice(_DAYS), rng.choice(_FEASTS), "tomorrow", "today", "this weekend", "the end of the month", f"20{rng.randint(24, 27)}-{rng.randint(1, 12):02d}-{day:02d}", f"{day:02d}/{rng.randint(1, 12):02d}", "month end"))  # fmt: skip


def _period(rng: random.Random, lang: str) -> str:
    if lang == "zh":
        return rng.choice(("上个月", "上周", "本月", "上季度", "今年", "去年", "这周", "最近三个月", "过去30天", "二季度", "上半年", f"{rng.randint(1, 12)}月份", f"Q{rng.randint(1, 4)}", "近半年"))  # fmt: skip
    return rng.choice(("last month", "last quarter", "this year", "last week", f"Q{rng.randint(1, 4)}", "the last 90 days", "the past 6 weeks", "year to date", rng.choice(_MONTHS), f"H{rng.randint(1, 2)}", "this quarter", "yesterday", f"20{rng.randint(23, 26)}", "the holidays"))  # fmt: skip


_MAKERS = {"item": _item, "warehouse": _warehouse, "supplier": _supplier, "category": _category, "topic": _topic, "date": _date, "period": _period}
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "eighty")
_HAN = "一二三四五六七八九"


def _count(rng: random.Random, lang: str, small: bool) -> str:
    if small:
        number = rng.randint(2, 20)
        words = ("two", "three", "four", "five", "six", "seven", "eight", "ten") if lang == "en" else ("两", "三", "四", "五", "六", "八", "十")
        return rng.choice(words) if rng.random() < 0.35 and lang == "en" else str(number)
    number = rng.choice((rng.randint(5, 99), rng.randint(1, 60) * 10, rng.randint(1, 40) * 50, rng.randint(100, 9999)))
    if lang == "zh":
        return rng.choice((str(number), str(number), f"{rng.choice('两三四五六八')}百", f"{rng.choice('一两三五')}千", f"{rng.choice('一两三')}百{rng.choice('二三五八')}十"))
    return rng.choice((str(number), str(number), str(number), f"{number:,}", f"{rng.choice((1, 1.5, 2, 2.5, 3))}k".replace(".0", ""), f"{rng.choice(('two', 'three', 'five'))} hundred", rng.choice(_TENS), "a dozen"))  # fmt: skip


def _length(rng: random.Random, lang: str) -> str:
    number = rng.choice((2, 3, 4, 5, 6, 8, 10, 12, 14, 21, 30, 45, 60, 90))
    if lang == "zh":
        return rng.choice((f"{number}天", f"{min(number, 12)}周", f"{rng.choice('两三四五六八')}周", f"{rng.choice('两三六')}个月", f"{min(number, 12)}个月", "半年", "一个月", "半个月", "一个季度", "下个月", f"{rng.choice('一两三')}个星期", "十天"))  # fmt: skip
    small = min(number, 12)
    return rng.choice((f"{number} days", f"{number} days", f"{small} weeks", f"{small} weeks", f"{small} months", "two weeks", "three weeks", "six weeks", "a month", "a quarter", "a fortnight", f"{number}d", f"{small}w", f"{small} wks", "two months", "a week", "next month", "half a year"))  # fmt: skip


def _percent(rng: random.Random, lang: str) -> str:
    number = rng.choice((5, 8, 10, 12, 15, 20, 25, 30, 35, 40, 50, 60, 75))
    if lang == "zh":
        return rng.choice((f"{number}%", f"{number}%", f"百分之{rng.choice(('十', '二十', '三十', '五十', '十五'))}", f"{rng.choice(_HAN[:5])}成", f"{number} %", f"{number}个点"[:-2] + "%"))
    return rng.choice((f"{number} %", f"{number}%", f"{number}%", f"{number} percent", f"{number} per cent", "a third", "a fifth", "half"))


def _level(rng: random.Random, lang: str) -> str:
    number = rng.choice((85, 90, 92, 95, 97, 98, 99))
    if lang == "zh":
        return rng.choice((f"{number}%", f"{number}%", f"0.{number}", f"百分之九十{rng.choice('五八九')}"))
    return rng.choice((f"{number} %", f"{number}%", f"0.{number}", f"{number} percent"))


def _budget(rng: random.Random, lang: str) -> str:
    number = rng.choice((500, 1000, 2500, 5000, 8000, 10_000, 12_500, 20_000, 50_000))
    if lang == "zh":
        return rng.choice((f"{number}元", f"{number // 1000 or 1}万", f"{max(number // 10_000, 1)}万元", f"{number}块", f"¥{number}", f"{number}美金"))
    return rng.choice((f"£{number:,}", f"${number}", f"€{number:,}", f"{max(number // 1000, 1)}k", f"{number} euros", f"{max(number // 1000, 1)}k pounds", f"£{max(number // 1000, 1)}k", f"{number:,} dollars", f"EUR {number}"))  # fmt: skip


def value(placeholder: str, rng: random.Random, lang: str) -> str:
    """A value for `{placeholder}` in the words of somebody writing `lang` ("en", "zh", "mixed")."""
    kind = placeholder.rstrip("2")
    language = rng.choice(("en", "zh")) if lang == "mixed" else lang
    if kind == "qty":
        return _count(rng, language, small=False)
    if kind in ("vehicles", "clusters", "limit"):
        return _count(rng, language, small=True)
    if kind == "target":
        return _count(rng, language, small=rng.random() < 0.5)
    if kind in ("horizon", "lead"):
        return _length(rng, language)
    if kind == "order_id":
        return rng.choice((f"{rng.randint(1000, 999999)}", f"#{rng.randint(1000, 99999)}", f"SO-{rng.randint(1000, 99999)}", f"PO{rng.randint(1000, 9999)}", f"{rng.randint(100, 999)}-{rng.randint(1000000, 9999999)}", f"ORD-{rng.randint(2023, 2026)}-{rng.randint(10, 9999)}"))  # fmt: skip
    simple = {"pct": _percent, "level": _level, "budget": _budget}
    if kind in simple:
        return simple[kind](rng, language)
    pool = _lists(language).get(kind, [])
    if kind in _MAKERS and (not pool or rng.random() < (0.5 if kind != "topic" else 0.3)):
        return _MAKERS[kind](rng, language)
    return rng.choice(pool)
