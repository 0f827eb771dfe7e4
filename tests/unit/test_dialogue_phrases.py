"""What short messages mean, by the phrases of the shipped rules: giving up, tried it all, how long, is it on my record."""

from __future__ import annotations

import pytest

from tests.unit.house import incoming
from triagebot.dialogue.signals import Ears, read
from triagebot.dialogue.state import ANOTHER, HOW_LONG, STILL_WAITING, TRIED, WORRIED, Memory
from triagebot.rulebook.schema import RuleBook

MEANT = {
    ("give_up", ""): """
        算了不弄了 | 算了 | 先不弄了 | 不用了谢谢 | 不用了，谢谢你 | 那算了吧 | 不查了 | 唉，不弄了 | 我放弃了
        改天再弄吧 | 暂时不用了 | 好吧，算了 | 谢谢，先这样 | never mind | Never mind, thanks | forget it | no thanks
        I give up | ok, leave it
    """,
    ("not_solved", TRIED): """
        我都试过了 | 都试过了 | 你说的这些我都试过了 | 这些办法都试了，没用 | 上面说的全都做过了 | 都试过了还是不行
        I tried everything | tried all of that, nothing works | I've already tried all of those
    """,
    ("text", HOW_LONG): """
        大概多久有人理我 | 多久有人回复 | 什么时候能有人联系我 | 你们多久回复 | 怎么还没人理我 | 没人管吗
        请问要多长时间才有人处理 | 几点有人来 | how long until someone answers | when will someone get back to me
        how long do I have to wait for a reply
    """,
    ("text", STILL_WAITING): """
        还要等多久 | 大概还要多久啊 | 到底要等到什么时候 | 怎么还没动静 | how much longer | any news?
    """,
    ("text", WORRIED): """
        会不会影响我征信啊 | 影响征信吗 | 会上征信吗 | 会不会有不良记录 | 会扣分吗 | 这样会留下记录吗 | 征信会不会受影响
        不会影响我的信用吧 | 会影响我贷款吗 | 刷脸失败会影响征信吗 | will this affect my credit? | does it show up on my report
        will it hurt my credit score
    """,
    ("text", ANOTHER): """
        另外报告里有条记录不对 | 对了，查一次多少钱 | 还有个问题，怎么查 | also, how much does it cost
    """,
    ("skip", ""): "不记得了 | 跳过",
    ("not_solved", ""): "还是不行 | 试过了 | 没用",
    ("text", ""): """
        刷脸不过 | 试了好多次 | 逾期三次会影响征信吗 | 我被骗了会影响征信吗 | 报告多久能出来 | 多久更新一次 | 什么时候能查到
        不用刷脸可以吗 | 不查征信行不行 | 怎么算了我两次钱 | 验证码不用了怎么办
        借呗上征信吗 | 你们多久更新 | 有人冒用我的名字 | 没人帮我刷脸
        the app never minds my password | how long does the report take | will a late payment affect my credit
    """,
}
"""By name and argument of the signal; phrases are parted by bars and line ends."""


def _rows() -> list[tuple[str, str, str]]:
    said = ((meant, words.strip()) for meant, text in MEANT.items() for words in text.replace("\n", "|").split("|"))
    return [(words, *meant) for meant, words in said if words]


@pytest.mark.parametrize(("words", "name", "arg"), _rows())
def test_what_is_meant(book: RuleBook, words: str, name: str, arg: str) -> None:
    heard = read(incoming(1, words), Memory(), Ears.of(book))
    assert (heard.name, heard.arg, heard.text) == (name, arg, words)
