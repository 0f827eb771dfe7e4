"""Names of people, only where a label says that a name follows (姓名：张三, 我叫张三, my name is ...).

A sentence goes on without a space in Chinese (我叫张三在微信查征信), so there a surname must begin the name, and common words
tell where it ends; one character too many is hidden rather than one too few.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from triagebot.privacy.kinds import Span

_SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪"
    "范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔汤温康施文牛樊葛邢安齐易乔伍庞颜倪"
    "庄聂章鲁岳翟殷詹申欧耿焦俞左柳甘祝包宁尚符舒阮柯纪梅童凌毕季裴霍涂苗谷盛曲翁冉骆蓝路游辛靳管柴蒙鲍华喻祁蒲房滕屈饶"
    "牟艾尤阳穆农卓古吉缪简芦麦褚娄窦戚岑景党费卜冷晏席卫米柏宗瞿桂佟臧闵苟邬边卞姬仇栾隋刁沙荣巫寇桑郎甄丛仲虞敖巩"
    "佘池麻苑迟邝谈匡鞠惠荆冀郁胥储栗燕楚鄢劳谌皮粟冼蔺楼"
    "張劉陳楊黃趙吳孫馬鄭謝許韓馮鄧蕭葉蘇呂盧鍾陸賈鄒閻龍賀顧龔錢嚴湯溫齊喬龐顏莊聶魯關蘭駱藍遊華饒繆簡項蘆麥婁竇衛萬"
)
_DOUBLE = "欧阳|歐陽|上官|司马|司馬|诸葛|諸葛|东方|東方|皇甫|尉迟|公孙|令狐|慕容|司徒|夏侯|宇文|长孙|端木|闻人|南宫|轩辕|西门|呼延"
_HAN = "一-鿿㐀-䶿"
_LED = rf"(?:(?:{_DOUBLE})|[{_SURNAMES}])[{_HAN}]{{1,2}}"
_LATIN = r"[A-Za-z][A-Za-z'’\-]{0,30}(?: [A-Za-z][A-Za-z'’\-]{0,30}){0,2}"

_LED_BY_SURNAME = re.compile(_LED)
_HAN_NEXT = re.compile(f"[{_HAN}]")
_DOTTED = re.compile("[·•・]")
_OUTRIGHT = re.compile(
    rf"(?:姓名|户名|持卡人|联系人|本人名字|我的?名字)\s*[:：=]\s*(?P<name>[{_HAN}]{{1,8}}(?:[·•・][{_HAN}]{{1,8}}){{0,3}}|{_LATIN})"
)
_SAID = re.compile(
    rf"(?:(?:姓名|户名|持卡人|本人名字|我的?名字)\s*[是为叫]|我叫|本人叫|my name is|name:)\s*(?P<name>{_LED}|[{_HAN}]{{1,8}}[·•・][{_HAN}]{{1,8}})",
    re.IGNORECASE,
)
_BESIDE = re.compile(rf"姓名\s*(?P<name>{_LED})(?=$|[\s，。；、,;.|/]|身份|证件|手机|电话|性别|银行|[0-9])")
_ENGLISH = re.compile(
    rf"(?:(?<![a-z])my (?:full |real |legal )?name(?: is|'s|:)|我叫|(?:^|[\n,.;，。；、(（])\s*(?:full |real |legal |first |last |family |given )?name\s*[:：=])"
    rf"\s*(?P<name>{_LATIN})",
    re.IGNORECASE,
)
_STARTS_NO_NAME = tuple("不错未没空必正有和与填无已跟对同什是请怎写输一要里中的也显为")
_ENDS_A_NAME = frozenset("在是的了想要查我身电手今住来从和用有也不没刚就说这那请问，被把给去上下前")
_NO_NAME = frozenset(
    "wrong incorrect not correct right spelled misspelled written on in the different missing rejected always still never "
    "too very same also being ok fine invalid only just what unknown and but required empty blank shown longer hidden "
    "mismatched mismatch match matched matching already exactly really at app".split()
)
_GOES_ON = frozenset("and i im i'm my but from so the is was on at with can cannot can't please who which id not have".split())


def find_names(text: str) -> Iterator[Span]:
    """``text`` is a shadow (see shadow.py)."""
    for m in _OUTRIGHT.finditer(text):
        if not m["name"].startswith(_STARTS_NO_NAME):
            yield from _span(m, _cut_han(m) if m["name"][0] > "z" else _cut_latin(m["name"]))
    for m in _SAID.finditer(text):
        yield from _span(m, _cut_han(m))
    for m in _BESIDE.finditer(text):
        yield Span(m.start("name"), m.end("name"), "name")
    for m in _ENGLISH.finditer(text):
        if m[0][0] != "我" or m["name"].istitle():
            yield from _span(m, _cut_latin(m["name"]))


def _span(m: re.Match[str], name: str) -> Iterator[Span]:
    if name:
        yield Span(m.start("name"), m.start("name") + len(name), "name")


def _cut_han(m: re.Match[str]) -> str:
    """The name at the head of a stretch of Chinese characters; empty if it reads as something else."""
    stretch: str = m["name"]
    if _DOTTED.search(stretch):
        return stretch
    led = _LED_BY_SURNAME.match(stretch)
    goes_on = _HAN_NEXT.match(m.string, m.end("name")) is not None
    if len(stretch) <= 4 and not goes_on:
        return stretch
    if not led:
        return ""
    name = led[0]
    return name[:-1] if len(name) > 2 and name[-1] in _ENDS_A_NAME else name


def _cut_latin(stretch: str) -> str:
    """At most three words, up to the first that belongs to the sentence; empty if the very first does."""
    words = stretch.split(" ")
    if words[0].lower() in _NO_NAME:
        return ""
    last = next((i for i, word in enumerate(words) if word.lower() in _GOES_ON | _NO_NAME), len(words))
    return " ".join(words[:last])
