"""However a strange inquiry is judged: at most five questions, one of four results, and nobody is left without a next step."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.judging import MUMBLE, Person, rules
from triagebot.rulebook.inquiry_rules import UNKNOWN

RESULTS = {"normal", "ask_institution", "unauthorised", "identity_theft"}
STORIES = st.sampled_from(
    [
        "有个机构查了我",
        "小贷以贷款审批查了我",
        "3月12日被查，贷后管理",
        "本人查询那条不是我查的",
        "点了下测额度就被查了",
    ]
)
CHOICES = st.lists(st.integers(min_value=0, max_value=30), min_size=5, max_size=5)


@settings(max_examples=300, deadline=None)
@given(STORIES, CHOICES, st.sampled_from(["zh", "en"]))
def test_every_path_of_buttons_ends_in_one_result_after_at_most_five_questions(
    story: str, choices: list[int], lang: str
) -> None:
    person = Person(lang)
    person.starts(story)
    asked: list[str] = []
    while person.question:
        asked.append(person.question)
        answers = [action for action in person.buttons if action.startswith(f"judge:{person.question}.")]
        person.presses(answers[choices[len(asked) - 1] % len(answers)])
    assert len(asked) <= 5
    assert len(set(asked)) == len(asked)
    assert [found["result"] for found in person.happened("judged")] == [person.result]
    assert person.result in RESULTS
    assert bool(person.escalated) == (person.result in ("unauthorised", "identity_theft"))


@settings(max_examples=200, deadline=None)
@given(
    STORIES,
    st.lists(
        st.sampled_from(["没有", "有", "不清楚", "贷款审批", "昨天", "五家", "啊？", "银行", "1", "2"]),
        min_size=10,
        max_size=10,
    ),
)
def test_whatever_is_typed_ten_messages_are_enough_for_a_result(story: str, said: list[str]) -> None:
    """Each of the five questions is asked once more at most."""
    person = Person()
    person.starts(story)
    for words in said:
        if person.question:
            person.writes(words, MUMBLE)
    assert person.result in RESULTS


@given(st.dictionaries(st.sampled_from(["reason", "institution", "business", "several"]), st.integers(0, 30)))
def test_the_table_decides_whatever_is_known(drawn: dict[str, int]) -> None:
    facts = {}
    for fact, n in drawn.items():
        ids = [UNKNOWN, *(o.id for q in rules().questions if q.fact == fact for o in q.options)]
        facts[fact] = ids[n % len(ids)]
    assert rules().rule(facts).result in RESULTS
