"""Folding: one character for one character, whatever stands beside it; and what is cut from it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search import fold

TEXT = st.text(
    alphabet=st.one_of(st.characters(codec="utf-8"), st.sampled_from("甲方應當按照合同乾隆著作穿著12,ABＡｂ１－—é裏衞")), max_size=60
)


@given(TEXT)
def test_keeps_every_place(text: str) -> None:
    assert len(fold.fold(text)) == len(text)


@given(TEXT)
def test_folds_the_folded_no_further(text: str) -> None:
    assert fold.fold(fold.fold(text)) == fold.fold(text)


@given(TEXT, st.integers(0, 60), st.integers(0, 60))
def test_a_window_folds_as_it_did_inside(text: str, start: int, end: int) -> None:
    assert fold.fold(text)[start:end] == fold.fold(text[start:end])


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("違約責任", "违约责任"),
        ("乾隆", "干隆"),
        ("乾燥", "干燥"),
        ("穿著", "穿着"),
        ("計畫", "计划"),
        ("裡裏", "里里"),
        ("衛衞", "卫卫"),
        ("綫線", "线线"),
        ("臺灣", "台湾"),
        ("\uff28\uff34\uff0d\uff12\uff10", "ht-20"),
        ("ÉCOLE", "ecole"),
        ("—–−‐", "----"),
        ("二○二六", "二〇二六"),
        ("\uf900", "岂"),  # a compatibility ideograph
    ],
)
def test_compares_alike(one: str, other: str) -> None:
    assert fold.fold(one) == fold.fold(other)


def test_bigrams_cross_line_breaks_but_not_punctuation() -> None:
    assert fold.index_text("甲方\n应当,付款")[0].split() == ["甲方", "方应", "应当", "当", "付款", "款"]


def test_both_kinds_of_tokens_stand_at_the_same_places() -> None:
    grams, singles = fold.index_text("第3条 ABC公司 3,531,000.00元 café 甲")
    assert len(grams.split()) == len(singles.split()) == len(fold.units("第3条 ABC公司 3,531,000.00元 café 甲"))
    assert singles.split() == ["第", "3", "条", "abc", "公", "司", "3531000", "00", "元", "cafe", "甲"]


@given(TEXT)
def test_a_text_is_found_by_itself(text: str) -> None:
    """Every piece of a phrase stands in the index of the text at its place."""
    asked = fold.phrase(text)
    grams, singles = fold.index_text(text)
    tokens = (singles if asked and asked.singles else grams).split(" ")
    assert asked is None or all(tokens[place] == token for place, token in asked.tokens)


def test_long_words_are_cut() -> None:
    assert fold.index_text("x" * 100_000)[0] == "x" * fold.LONGEST_WORD
