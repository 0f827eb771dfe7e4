"""Names of people, only where a label says that a name follows (姓名：张三, 我叫张三, my name is ...).

A sentence goes on without a space in Chinese (我叫张三在微信查征信), so there a surname must begin the name, and
common words tell where it ends; one character too many is hidden rather than one too few.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from triagebot.privacy.kinds import Span

_SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁"
    "任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴"
    "莫孔汤温康施文牛樊葛邢安齐易乔伍庞颜倪庄聂章鲁岳翟殷詹申欧耿焦俞左柳甘祝包宁尚符舒阮柯纪梅童凌毕"
    "季裴霍涂苗谷盛曲翁冉骆蓝路游辛靳管柴蒙鲍华喻祁蒲房滕屈饶牟艾尤阳穆农卓古吉缪简芦麦褚娄窦戚岑景党"
    "费卜冷晏席卫米柏宗瞿桂佟臧闵苟邬边卞姬仇栾隋刁沙荣巫寇桑郎甄丛仲虞敖巩佘池麻苑迟邝谈匡鞠惠荆冀郁"
    "胥储栗燕楚鄢劳谌皮粟冼蔺楼"
    "張劉陳楊黃趙吳孫馬鄭謝許韓馮鄧蕭葉蘇呂盧鍾陸賈鄒閻龍賀顧龔錢嚴湯溫齊喬龐顏莊聶魯關蘭駱藍遊華饒繆"
    "簡項蘆麥婁竇衛萬"
)
_DOUBLE = (
    "欧阳|歐陽|上官|司马|司馬|诸葛|諸葛|东方|東方|皇甫|尉迟|公孙|令狐|慕容|司徒|夏侯|宇文|长孙|端木|闻人|南宫"
    "|轩辕|西门|呼延"
)
_HAN = "一-鿿㐀-䶿"
_LED = rf"(?:(?:{_DOUBLE})|[{_SURNAMES}])[{_HAN}]{{1,2}}"
_DOTTED = rf"[{_HAN}]{{1,8}}(?:[·•・][{_HAN}]{{1,8}}){{1,3}}"
_LATIN = r"[A-Za-z][A-Za-z'’\-]{0,30}(?: [A-Za-z][A-Za-z'’\-]{0,30}){0,2}"
_LABEL = "(?:姓名|户名|持卡人|本人名字|我的?名字)"
_GAP = r"[ \t　]{0,8}"

_OUTRIGHT = re.compile(
    rf"(?:{_LABEL}|联系人){_GAP}[:：=]{_GAP}(?P<name>{_DOTTED}|[{_HAN}]{{1,8}}|{_LATIN})",
)
_SAID = re.compile(
    rf"(?:{_LABEL}{_GAP}[是为叫]|我叫|本人叫|(?i:my name is|name:)){_GAP}(?P<name>{_DOTTED}|{_LED})",
)
_BESIDE = re.compile(
    rf"姓名{_GAP}(?P<name>{_LED})(?=$|[\s，。；、,;.|/]|身份|证件|手机|电话|性别|银行|[0-9])",
)
_ENGLISH = re.compile(
    r"(?i:(?<![a-z])my (?:full |real |legal )?name(?: is|'s|:)|我叫"
    rf"|(?:^|[\n,.;，。；、(（]){_GAP}(?:full |real |legal |first |last |family |given )?name{_GAP}[:：=])"
    rf"{_GAP}(?P<name>{_LATIN})"
)
_WHOLE = re.compile(f"{_DOTTED}|{_LED}")
_LED_AT_HEAD, _HAS_DOT, _HAN_NEXT = re.compile(_LED), re.compile("[·•・]"), re.compile(f"[{_HAN}]")

# 姓名：不匹配, 姓名：\n身份证号：..., 姓名：本人 -- none of these is a name.
_NO_NAME_ZH = (
    *"不错未没空必正有和与填无已跟对同什是请怎写输一要里中的也显为本我他她你您",
    *("姓名", "身份", "手机", "电话", "性别", "名字", "生僻"),
)
_GOES_ON_ZH = frozenset("在是的了想要查我身电手今住来从和用有也不没刚就说这那请问被把给去上下前")
_NO_NAME_EN = re.compile(
    "wrong|incorrect|not|correct|right|spelled|misspelled|written|on|in|the|different|missing|rejected|always|still"
    "|never|too|very|same|also|being|ok|fine|invalid|only|just|what|unknown|and|but|required|empty|blank|shown|longer"
    "|hidden|mismatched|mismatch|match|matched|matching|already|exactly|really|at|app",
    re.IGNORECASE,
)
_GOES_ON_EN = re.compile(
    "and|i|im|i'm|my|but|from|so|the|is|was|on|at|with|can|cannot|can't|please|who|which|id|not|have",
    re.IGNORECASE,
)


def find_names(text: str) -> Iterator[Span]:
    """``text`` is a shadow (see shadow.py)."""
    for m in _OUTRIGHT.finditer(text):
        if not m["name"].startswith(_NO_NAME_ZH):
            yield from _span(m, _latin_name(m["name"]) if m["name"][0].isascii() else _han_name(m))
    for m in _SAID.finditer(text):
        yield from _span(m, _han_name(m))
    for m in _BESIDE.finditer(text):
        yield from _span(m, m["name"])
    for m in _ENGLISH.finditer(text):
        # After 我叫 a Latin word is a name only if it is written like one (我叫 Tom, not 我叫app客服).
        if not m[0].startswith("我叫") or m["name"].istitle():
            yield from _span(m, _latin_name(m["name"]))


def is_name(text: str) -> bool:
    """Whether ``text`` as a whole is written like a Chinese name: a surname and one or two characters, or parts with dots."""
    return _WHOLE.fullmatch(text) is not None and not text.startswith(_NO_NAME_ZH)


def _span(m: re.Match[str], name: str) -> Iterator[Span]:
    if name:
        yield Span(m.start("name"), m.start("name") + len(name), "name")


def _han_name(m: re.Match[str]) -> str:
    """The name at the head of a stretch of Chinese characters; empty if it reads as something else."""
    stretch: str = m["name"]
    sentence_goes_on = _HAN_NEXT.match(m.string, m.end("name")) is not None
    if _HAS_DOT.search(stretch) or (len(stretch) <= 4 and not sentence_goes_on):
        return stretch
    led = _LED_AT_HEAD.match(stretch)
    if led is None:
        return ""
    name = led[0]
    return name[:-1] if len(name) > 2 and name[-1] in _GOES_ON_ZH else name


def _latin_name(stretch: str) -> str:
    """At most three words, up to the first that belongs to the sentence; empty if the very first does."""
    words = stretch.split(" ")
    if _NO_NAME_EN.fullmatch(words[0]):
        return ""
    ends = (i for i, word in enumerate(words) if _GOES_ON_EN.fullmatch(word) or _NO_NAME_EN.fullmatch(word))
    return " ".join(words[: next(ends, len(words))])
