"""Whatever surrounds a number and however it is grouped, it does not survive; what is not personal does."""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from itertools import pairwise

from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from stdnum import luhn

from triagebot.privacy import PLACEHOLDER, hidden_kinds_in_words, redact, redact_name, redact_structure
from triagebot.privacy.redaction import personal
from triagebot.vision.personal import find

PLACEHOLDERS = re.compile("|".join(map(re.escape, PLACEHOLDER.values())))
REGIONS = ("110101", "130102", "310104", "440305", "500101", "650102", "710000", "810000", "820000", "830000")
SEPARATORS = (" ", "  ", "-", " - ", ".", "·", "\u3000", "\u00a0", "\u2014", "－", "．", "\u200b", "\ufeff", "\t", "\n")
WORDS = (
    "我的",
    "身份证",
    "手机",
    "卡",
    "查不到",
    "征信报告",
    "，",
    "。",
    "！",
    "\n",
    "急",
    "怎么办",
    "the number ",
    "😀",
)

words = st.lists(st.sampled_from(WORDS), max_size=5).map("".join)


def figures(n: int) -> st.SearchStrategy[str]:
    return st.text("0123456789", min_size=n, max_size=n)


@st.composite
def identity_numbers(draw: st.DrawFn) -> str:
    born = draw(st.dates(date(1900, 1, 1), date(2026, 11, 23)))
    return draw(st.sampled_from(REGIONS)) + f"{born:%Y%m%d}" + draw(figures(3)) + draw(st.sampled_from("0123456789Xx"))


@st.composite
def old_identity_numbers(draw: st.DrawFn) -> str:
    born = draw(st.dates(date(1930, 1, 1), date(1999, 12, 31)))
    return draw(st.sampled_from(REGIONS[:6])) + f"{born:%y%m%d}" + draw(figures(3))


@st.composite
def cards(draw: st.DrawFn) -> str:
    issuer, length = draw(st.sampled_from(("62", "4", "5"))), draw(st.integers(16, 19))
    body = issuer + draw(figures(length - len(issuer) - 1))
    return body + luhn.calc_check_digit(body)


@st.composite
def mobiles(draw: st.DrawFn) -> str:
    return "1" + draw(st.sampled_from("3456789")) + draw(figures(9))


@st.composite
def typed(draw: st.DrawFn, numbers: st.SearchStrategy[str]) -> tuple[str, str]:
    """A number and how somebody might type it: in groups of one to four, in plain or full-width figures."""
    number = draw(numbers)
    text = number
    if draw(st.booleans()):
        groups, rest = [], number
        while rest:
            size = draw(st.integers(1, 4))
            groups.append(rest[:size])
            rest = rest[size:]
        same = draw(st.sampled_from((*SEPARATORS, None)))
        text = groups[0] + "".join((same or draw(st.sampled_from(SEPARATORS))) + group for group in groups[1:])
    if draw(st.booleans()):
        wide = draw(st.sets(st.sampled_from("0123456789Xx")))
        text = "".join(chr(ord(c) + 0xFEE0) if c in wide else c for c in text)
    return number, text


def figures_of(text: str) -> str:
    return "".join(str(unicodedata.digit(c)) for c in text if unicodedata.digit(c, -1) >= 0)


def survives(number: str, text: str) -> bool:
    """Whether eight figures of the number in a row are still in the text, whatever stands between them."""
    kept, left = figures_of(number), figures_of(text)
    return any(kept[i : i + 8] in left for i in range(len(kept) - 7))


@given(typed(identity_numbers() | old_identity_numbers() | cards() | mobiles()), words, words)
@settings(max_examples=400)
@example(("13800138000", "1️⃣3️⃣8️⃣0️⃣0️⃣1️⃣3️⃣8️⃣0️⃣0️⃣0️⃣"), "张三", "")
@example(("11010119900307123X", "110101 19900307 123Ｘ"), "我的", "元")
def test_no_typed_number_survives(number_typed: tuple[str, str], before: str, after: str) -> None:
    number, text = number_typed
    redacted = redact(before + text + after)
    assert not survives(number, redacted.text)
    assert redacted.kinds


@given(
    st.lists(identity_numbers() | cards() | mobiles(), min_size=2, max_size=6), st.sampled_from((" ", "，", "\n", "、"))
)
def test_several_numbers_in_a_row_are_all_hidden(numbers: list[str], between: str) -> None:
    redacted = redact(between.join(numbers))
    assert not any(survives(number, redacted.text) for number in numbers)
    assert figures_of(redacted.text) == ""


@given(st.text("0123456789", min_size=16, max_size=19), words)
def test_any_unbroken_run_of_a_cards_length_is_hidden(run: str, before: str) -> None:
    assume(not re.match(r"106|20[0-4]|9[123]", run))
    assert not survives(run, redact(before + run).text)


@given(
    figures(6),
    st.sampled_from(("验证码是", "驗證碼：", "动态码 ", "查询码:", "the code is ", "OTP: ", "校验码【")),
    words,
)
def test_a_named_code_is_hidden(code: str, name: str, after: str) -> None:
    assert code not in redact(f"{name}{code}，{after}").text


STAYS = (
    "400-810-8866", "4008108866", "12363", "95516", "95017", "95188", "12378", "110", "96110", "www.pbccrc.org.cn",
    "10690", "106980095533", "5000元", "12,345.67", "2026-11-23", "20261123", "16:40", "2006", "90008", "502", "#12",
    "工单12", "TK1024", "8.0.50", "2次", "24小时",
)  # fmt: skip


@given(
    st.lists(st.sampled_from(STAYS), min_size=1, max_size=6), st.sampled_from(("，", "；", " 和 ", "\n然后", "、还有"))
)
def test_public_numbers_stay_in_any_company(public: list[str], between: str) -> None:
    text = between.join(public)
    assert redact(text).text == text


@given(st.lists(st.sampled_from(STAYS), min_size=1, max_size=3), mobiles())
def test_public_numbers_stay_beside_a_hidden_one(public: list[str], mobile: str) -> None:
    text = "，".join(public)
    assert redact(f"{text}，我的手机{mobile}，{text}").text == f"{text}，我的手机[手机号]，{text}"


PIECES = (
    *WORDS, *SEPARATORS, *STAYS, *"0123456789ＸxX@+[]（：是",
    "13800138000", "6217888800001234", "110101", "19900307", "a@b.cn", "E12345678", "①", "六", "卡号", "订单号",
    "密码是abc1", "验证码", "姓名：张三", "我叫", "[手机号]", "\ud800", "\x00",
)  # fmt: skip
anything = (
    st.text()
    | st.text(st.characters(codec=None), max_size=60)
    | st.lists(st.sampled_from(PIECES), max_size=40).map("".join)
)


@given(anything)
@settings(max_examples=400)
def test_it_never_raises_and_a_second_time_changes_nothing(text: str) -> None:
    once = redact(text)
    again = redact(once.text)
    assert again.text == once.text
    assert again.kinds == ()
    assert (once.text == text) == (once.kinds == ())
    assert hidden_kinds_in_words(once.kinds, "zh").count("、") == max(0, len(once.kinds) - 1)


@given(anything)
@settings(max_examples=400)
def test_what_is_left_is_the_original_piece_by_piece(text: str) -> None:
    """Between the placeholders the original stands unchanged and in order."""
    assume(not PLACEHOLDERS.search(text))
    pieces = PLACEHOLDERS.split(redact(text).text)
    if len(pieces) == 1:
        assert pieces[0] == text
        return
    assert text.startswith(pieces[0])
    assert text.endswith(pieces[-1])
    here = len(pieces[0])
    for piece in pieces[1:-1]:
        here = text.index(piece, here) + len(piece)
    assert here <= len(text) - len(pieces[-1])


@given(anything)
@settings(max_examples=200)
def test_on_a_screen_at_least_as_much_is_hidden_and_spans_are_in_order(text: str) -> None:
    spans = find(text)
    assert all(0 <= s.start < s.end <= len(text) for s in spans)
    assert all(one.end <= other.start for one, other in pairwise(spans))
    covered = {at for span in spans for at in range(span.start, span.end)}
    assert covered.issuperset(at for span in personal(text) for at in range(span.start, span.end))


@given(
    st.text(
        st.characters(
            exclude_categories=("Nd", "No", "Mn", "Me", "Cs", "Cf", "Cc"), exclude_characters="@码碼令名叫人"
        ),
        max_size=80,
    )
)
def test_text_without_figures_and_labels_is_returned_as_it_is(text: str) -> None:
    assume(not re.search(r"p[aw]|pin|name|code|otp|cv", text.lower()))
    assert redact(text).text == text


json_like = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | anything,
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(st.text(max_size=5), inside, max_size=3),
    max_leaves=8,
)


@given(json_like)
def test_a_structure_is_clean_after_one_walk(value: object) -> None:
    once = redact_structure(value)
    assert redact_structure(once) == once
    assert type(once) is type(value)


@given(anything)
def test_a_display_name_is_one_line(text: str) -> None:
    name = redact_name(text)
    assert "\n" not in name
    assert redact_name(name) == name
