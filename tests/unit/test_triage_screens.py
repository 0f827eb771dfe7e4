"""What a screen says decides, not what stands on every screen; a person's own words beside it keep their weight."""

from __future__ import annotations

from dataclasses import replace

import pytest

from triagebot.rulebook.schema import Screens
from triagebot.triage.brain import Brain, Context
from triagebot.triage.misread import find_misread
from triagebot.triage.signatures import Signatures

DIALOG = "21:48  5G  53%\n<  身份认证\n姓名\n证件号码\n提示\n{}\n取消  确定\n首页  服务  我的"


@pytest.mark.parametrize(
    ("words", "category"),
    [
        ("光线不佳，建议在光源充足的室內环境验证", "verification.face"),
        ("目前系统尚来收录您的个人信恩，无法进行注册", "verification.identity"),
        ("动态码输人错误或已过期，请重新输入", "verification.sms_code"),
        ("系统己对您的登录名进行锁定 密码连续输入错误", "account.login"),
        ("个人信用报告查询申请正在受埋，请耐心等待", "report.missing"),
    ],
)
def test_a_wording_is_found_although_a_character_or_two_were_misread(brain: Brain, words: str, category: str) -> None:
    verdict = brain.triage_screen(DIALOG.format(words))
    assert verdict.category == category
    assert verdict.decision in ("answer", "escalate")


def test_the_evidence_names_the_wording_that_was_found(brain: Brain) -> None:
    verdict = brain.triage_screen(DIALOG.format("刷脸失败次数过乡"))
    assert "verification.face:418" in verdict.rules


def test_of_four_characters_none_may_be_another(brain: Brain) -> None:
    signatures = Signatures(brain.book.categories)
    assert [s.category for s in find_misread(signatures, "征信修复", 0.17)] == ["security.scam"]
    assert find_misread(signatures, "征信恢复", 0.17) == ()


def test_buttons_labels_clocks_and_notices_tell_nothing(brain: Brain) -> None:
    screen = DIALOG.format("人脸识别失败\n谨防诈骗，请勿向他人透露验证码\n我已阅读并同意《服务协议》")
    assert brain.telling(screen) == ("人脸识别失败",)
    assert brain.triage_screen(screen).category == "verification.face"


def test_a_screen_without_telling_lines_is_read_whole(brain: Brain) -> None:
    assert brain.telling("今天天气不错\n晚上吃什么\n取消") == ("今天天气不错", "晚上吃什么")
    assert brain.triage_screen("今天天气不错\n晚上吃什么").decision == "unclear"


def test_what_a_program_says_of_a_number_is_no_report_of_a_crime_and_a_person_saying_it_may_be_one(
    brain: Brain,
) -> None:
    words = "这个手机号已经被注册过了"
    assert brain.triage_screen(DIALOG.format(words)).category == "account.login"
    assert brain.triage_screen(DIALOG.format("登录失败"), "我的钱被骗走了").priority == "P1"


@pytest.mark.parametrize(
    "words",
    [
        "您好，我是征信中心客服，请把钱转到安全账户",
        "专业征信修复，逾期记录三天清除，先付定金",
        "请下载会议软件共享屏幕，我教您注销校园贷",
    ],
)
def test_a_screen_with_a_swindlers_words_is_danger(brain: Brain, words: str) -> None:
    verdict = brain.triage_screen(f"昨天 20:31\n{words}")
    assert (verdict.handled_as, verdict.priority, verdict.queue) == ("security.scam", "P1", "security")


def test_only_the_person_asks_for_a_person(brain: Brain) -> None:
    screen = "系统繁忙，请稍后再试或转人工客服"
    assert not brain.triage_screen(screen).human_requested
    assert brain.triage_screen(screen, "转人工").human_requested


@pytest.mark.parametrize(
    ("screen", "caption", "platform"),
    [
        ("21:48  5G\n支付宝\n刷脸未通过，请重试", "", "alipay"),
        ("云闪付\n验卡失败", "", "unionpay"),
        ("中国建设银行\n短信验证码已失效", "", "bank_app"),
        ("ipcrs.pbccrc.org.cn\n登录名或密码错误", "", "pboc_web"),
        ("<  登录\n“微信”没有相机权限", "", "wechat"),
        ("刷脸未通过，请重试", "", "unknown"),
        ("支付宝\n刷脸未通过，请重试", "我在微信里查的", "wechat"),
    ],
)
def test_the_platform_is_what_the_person_says_else_what_the_title_or_the_words_say(
    brain: Brain, screen: str, caption: str, platform: str
) -> None:
    assert brain.triage_screen(screen, caption).platform == platform


def test_the_words_beside_a_picture_decide_when_it_says_nothing(brain: Brain) -> None:
    assert brain.triage_screen("21:48  5G  53%", "收不到短信验证码").category == "verification.sms_code"


def test_a_screen_that_says_little_is_judged_with_what_was_said_before(brain: Brain) -> None:
    verdict = brain.triage_screen("提示\n不通过", "", Context(earlier=("微信刷脸一直失败",)))
    assert (verdict.category, verdict.scope) == ("verification.face", "conversation")


def test_rules_without_words_about_screens_still_read_them(brain: Brain) -> None:
    bare = Brain(brain.book.model_copy(update={"screens": Screens()}), replace(brain.model))
    assert bare.triage_screen("刷脸失败次数过多\n取消").category == "verification.face"
