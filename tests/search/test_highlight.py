"""Passages: from the original text, escaped, marked, masked."""

import pytest

from search import query
from search.highlight import Marker, Masked

TRADITIONAL = "甲方應當按照本合同約\n定支付貨款,逾期付款的應承擔違約責任。"


def marker(question: str, digests: tuple[str, ...] = ()) -> Marker:
    return Marker([clause for clause in query.parse(question, digester=lambda word: digests) if not clause.negated])


@pytest.mark.parametrize(
    ("question", "text", "expected"),
    [
        ("违约责任", TRADITIONAL, "甲方應當按照本合同約 定支付貨款,逾期付款的應承擔<mark>違約責任</mark>。"),
        ("约定", TRADITIONAL, "甲方應當按照本合同<mark>約 定</mark>支付貨款,逾期付款的應承擔違約責任。"),
        ("货款 违约", TRADITIONAL, "甲方應當按照本合同約 定支付<mark>貨款</mark>,逾期付款的應承擔<mark>違約</mark>責任。"),
        ("违约 约责", TRADITIONAL, "甲方應當按照本合同約 定支付貨款,逾期付款的應承擔<mark>違約責</mark>任。"),
        ("3531000", "总价3,531,000.00元", "总价<mark>3,531,000</mark>.00元"),
        ("531000", "总价3,531,000.00元", None),
        ("ht-2026", "编号 HT—2026—0001 号", "编号 <mark>HT—2026</mark>—0001 号"),
        ("HT20260001", "编号 HT-2026-0001 号", "编号 <mark>HT-2026-0001</mark> 号"),
        ("pay", "payment", None),
        ("payment", "Payment & <b>", "<mark>Payment</mark> &amp; &lt;b&gt;"),
        ("-违约 逾期", "逾期违约", "<mark>逾期</mark>违约"),
        ("第3条", "见第3条", "见<mark>第3条</mark>"),
    ],
)
def test_marks_what_was_asked(question: str, text: str, expected: str | None) -> None:
    assert [passage.html for passage in marker(question).passages(text)] == ([expected] if expected else [])


def test_the_passage_with_the_most_words_is_chosen() -> None:
    text = "违约。" + "甲" * 300 + "违约责任。" + "乙" * 300 + "责任。"
    passages = marker("违约 责任").passages(text, most=1)
    assert [len(passage.clauses) for passage in passages] == [2]
    assert passages[0].html.startswith("… ")
    assert passages[0].html.endswith(" …")


def test_passages_do_not_overlap_and_stay_in_order() -> None:
    text = "".join(f"{place:03}违约" + "甲" * 200 for place in range(5))
    shown = [passage.html for passage in marker("违约").passages(text, most=3)]
    assert [html.count("<mark>") for html in shown] == [1, 1, 1]
    assert shown == sorted(shown, key=lambda html: html[html.index("<mark>") - 3 :])


def test_a_masked_value_is_never_shown_nor_marked_in_part() -> None:
    text = "姓名张三 11010519491231002X 手机"
    hidden = [Masked(5, 23, "1101**********002X", "d")]
    assert [passage.html for passage in marker("张三").passages(text, hidden)] == ["姓名<mark>张三</mark> 1101**********002X 手机"]
    assert marker("1101 0519").passages(text, hidden) == []
    found = marker("11010519491231002X", ("d",)).passages(text, hidden)
    assert [passage.html for passage in found] == ["姓名张三 <mark>1101**********002X</mark> 手机"]
