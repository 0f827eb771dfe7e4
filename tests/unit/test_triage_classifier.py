"""The fitted classifier says in plain numpy what scikit-learn would say."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.svm import LinearSVC
from triage_pack import book

from triagebot.errors import ModelError
from triagebot.triage import training
from triagebot.triage.classifier import softmax, top_terms
from triagebot.triage.features import content, terms
from triagebot.triage.nearest import COMMON, index_examples
from triagebot.triage.normalise import normalise

PAIRS = [(text, c.id) for c in book().categories.values() for text in (*c.examples.zh, *c.examples.en)]
CONTENTS = [content(normalise(text)) for text, _ in PAIRS]
LABELS = [label for _, label in PAIRS]
UNSEEN = ["刷脸怎么都不过呀", "the sms never came", "异议", "жжж", "", "收不到收不到收不到"]


def test_scores_equal_those_of_scikit_learn() -> None:
    vectorizer = TfidfVectorizer(analyzer=terms, sublinear_tf=True, dtype=np.float32)
    regression = LogisticRegression(C=training.STRENGTH, class_weight="balanced", max_iter=training.MOST_STEPS)
    margin = LinearSVC(C=training.MARGIN_STRENGTH, class_weight="balanced", random_state=0)
    matrix, unseen = vectorizer.fit_transform(CONTENTS), vectorizer.transform(UNSEEN)
    regression.fit(matrix, LABELS)
    margin.fit(matrix, LABELS)
    theirs = regression.decision_function(unseen) + training.MARGIN_SHARE * margin.decision_function(unseen)
    ours = training.fit(CONTENTS, LABELS)
    assert ours.classes == tuple(regression.classes_)
    mine = np.stack([ours.scores(ours.vector(text)) for text in UNSEEN])
    np.testing.assert_allclose(mine, theirs, atol=5e-3)  # the weights are kept in half precision


def test_tf_idf_equals_that_of_scikit_learn() -> None:
    vectorizer = TfidfVectorizer(analyzer=terms, sublinear_tf=True, dtype=np.float32).fit(CONTENTS)
    ours = training.fit(CONTENTS, LABELS)
    for text in UNSEEN:
        vector = ours.vector(text)
        dense = np.zeros(len(ours.vocabulary), dtype=np.float32)
        dense[vector.rows] = vector.values
        np.testing.assert_allclose(dense, vectorizer.transform([text]).toarray()[0], atol=1e-6)


def test_two_classes_are_as_good_as_many() -> None:
    model = training.fit(["刷脸不过", "人脸失败", "收不到码", "没有短信"], ["face", "face", "sms", "sms"])
    shares = softmax(model.scores(model.vector("刷脸失败")))
    assert model.classes == ("face", "sms")
    assert shares[0] > 0.6


def test_one_class_cannot_be_learned() -> None:
    with pytest.raises(ModelError, match="fewer than two categories"):
        training.fit(["刷脸", "人脸"], ["face", "face"])


def test_scores_out_of_fold_come_from_models_that_have_not_seen_the_text() -> None:
    labels = ["a", "b"] * 10
    held_out = training.out_of_fold([chr(0x4E00 + n) * 3 for n in range(20)], labels, ["zh"] * 20, ["a", "b"])
    right = [("a", "b")[k] == label for k, label in zip(held_out.argmax(axis=1), labels, strict=True)]
    assert sum(right) < 20


def test_a_class_that_a_fold_has_not_seen_gets_no_good_score_there() -> None:
    held_out = training.out_of_fold(
        ["刷脸", "人脸", "扫脸", "收不到", "短信", "验证码", "异议"], list("aaabbbc"), ["zh"] * 7, list("abc")
    )
    assert held_out[6, 2] <= held_out[6].min() + 1e-6


def test_similarity_is_the_cosine_with_each_example() -> None:
    model = training.fit(CONTENTS, LABELS)
    vectors = [model.vector(text) for text in CONTENTS]
    examples = index_examples(CONTENTS, LABELS, vectors, len(model.vocabulary))
    dense = np.zeros((len(vectors), len(model.vocabulary)), dtype=np.float32)
    for row, vector in enumerate(vectors):
        dense[row, vector.rows] = vector.values
    for text in UNSEEN:
        one = model.vector(text)
        wide = np.zeros(len(model.vocabulary), dtype=np.float32)
        wide[one.rows] = one.values
        np.testing.assert_allclose(examples.similarity(one), dense @ wide, atol=1e-3)


def test_nearest_examples_come_best_first_and_only_if_they_share_something() -> None:
    model = training.fit(CONTENTS, LABELS)
    examples = index_examples(CONTENTS, LABELS, [model.vector(text) for text in CONTENTS], len(model.vocabulary))
    found = examples.nearest(examples.similarity(model.vector("刷脸老是不过")))
    assert found[0][:2] == ("刷脸老是不过", "verification.face")
    assert [cosine for *_, cosine in found] == sorted((cosine for *_, cosine in found), reverse=True)
    assert examples.nearest(examples.similarity(model.vector("жжж"))) == ()


def test_terms_that_nearly_all_examples_share_do_not_make_them_similar() -> None:
    texts = [f"报告{chr(0x5200 + n)}" for n in range(COMMON + 1)]
    model = training.fit(texts, ["a", "b"] * (len(texts) // 2) + ["a"] * (len(texts) % 2))
    examples = index_examples(texts, ["a"] * len(texts), [model.vector(text) for text in texts], len(model.vocabulary))
    assert examples.similarity(model.vector("报告")).max() == 0
    assert examples.nearest(examples.similarity(model.vector(texts[7])), 1)[0][0] == texts[7]


def test_top_terms_are_those_of_the_text_that_speak_for_the_class() -> None:
    model = training.fit(CONTENTS, LABELS)
    named = top_terms(model, model.vector("刷脸天气"), model.classes.index("verification.face"))
    assert "刷脸" in [term for term, _ in named]
    assert all(term in " 刷脸天气 " and gain > 0 for term, gain in named)


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("我的号码是[手机号]收不到短信", "我的号码是 收不到短信"),
        ("单号4200002233202411没到账", "单号 没到账"),
        ("打150 0000 7788这个号", "打 这个号"),
        ("错误码1004", "错误码1004"),
        ("不是人脸的问题,短信收不到", ",短信收不到"),
        ("不是问多少钱!是已经扣了", "是已经扣了"),
        ("不是人脸,是短信", "是短信"),
        ("是不是人脸的问题", "是不是人脸的问题"),
        ("不是我办的贷款", "不是我办的贷款"),
        ("提示不是本人,是系统错了吧", "提示不是本人,是系统错了吧"),
        ("not a face problem, the code", ", the code"),
    ],
)
def test_what_the_classifier_reads(text: str, read: str) -> None:
    assert content(normalise(text)) == read
