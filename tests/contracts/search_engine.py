"""What every search engine of Muniment must do: one suite, a module for each engine gives the fixture `new_engine`, and `engine` by it."""

import datetime
import random
import threading
import uuid
from collections.abc import Callable, Collection, Iterable
from contextlib import suppress
from typing import Any

import pytest
from django.utils.translation import override

from records.rights import Rights
from search import query
from search.documents import FACETS, Document, Found
from search.engines.base import Engine
from search.errors import QueryRefused, QueryTooLong

CONTRACT = """甲方应当按照本合同约定支付货款,逾期付款的应承担违
约责任。合同总价为人民币3,531,000.00元(大写:叁佰伍拾叁万壹仟元整)。
第3条 争议由ABC公司所在地人民法院管辖。Payment is due in 30 days. 编号:HY-2026-03。
二○二六年签订于上海市浦东新区"""
TRADITIONAL = "甲方應當按照本合同約定支付貨款,逾期付款的應承擔違約責任。訂於臺北,裏面附計畫書,穿著規定見附件。"
READER = Rights(person="7", reader_tiers=frozenset({"internal"}), classes=frozenset({"1"}))


def identity(name: object) -> str:
    """The same id for the same name."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, str(name)))


def document(name: object, **values: Any) -> Document:
    """A filed contract that READER reads."""
    defaults: dict[str, Any] = {
        "id": identity(name),
        "title": "设备采购合同",
        "number": None,
        "record_type": "contract",
        "class_id": "1",
        "class_path": ("F", "HT"),
        "tier": "internal",
        "state": "filed",
        "date": datetime.date(2026, 3, 18),
    }
    return Document(**defaults | values)


def ask(engine: Engine, text: str = "", rights: Rights = READER, **values: Any) -> Found:
    """What comes back for a question."""
    return engine.search(query.build(text, **values), rights)


def names(found: Found, known: Iterable[object]) -> list[object]:
    """The hits by the names from which their ids were made."""
    by_id = {identity(name): name for name in known}
    return [by_id[hit.id] for hit in found.hits]


def counts(found: Found, facet: str) -> dict[str, int]:
    """A facet as a dict."""
    return {each.value: each.count for each in found.facets[facet]}


class GoldenChinese:
    """Lessons U1 and U2: every way in which Chinese text is asked for, on every path of a query."""

    @pytest.fixture(scope="class")
    @classmethod
    def golden(cls, new_engine: Callable[[], Engine]) -> Engine:
        engine = new_engine()
        engine.write(
            [
                document("simplified", pages=((CONTRACT,),)),
                document("traditional", title="貨款支付補充協議", pages=((TRADITIONAL,),)),
                document("other", title="员工手册", pages=(("员工应当遵守考勤制度。Payments vary. 付款合同约",),)),
            ]
        )
        return engine

    @pytest.mark.parametrize(
        ("question", "expected"),
        [
            ("违约", {"simplified", "traditional"}),  # over a line break; Traditional text
            ("違約責任", {"simplified", "traditional"}),  # Traditional question
            ("约责", {"simplified", "traditional"}),  # no word at all
            ("货款逾期", set()),  # punctuation stands between
            ("货款,逾期", {"simplified", "traditional"}),
            ("货款;逾期", {"simplified", "traditional"}),  # which punctuation does not matter
            ("逾期付款的应承担违约责任", {"simplified", "traditional"}),
            ("3531000", {"simplified"}),
            ("3,531,000.00", {"simplified"}),
            ("\uff13\uff15\uff13\uff11\uff10\uff10\uff10\uff0e\uff10\uff10", {"simplified"}),  # full width
            ("531000", set()),  # a part of an amount is another amount
            ("ABC公司", {"simplified"}),
            ("\uff41\uff42\uff43公司", {"simplified"}),
            ("第3条", {"simplified"}),
            ("甲", {"simplified", "traditional"}),
            ("二〇二六年", {"simplified"}),
            ("payment", {"simplified"}),
            ("PAYMENT 30", {"simplified"}),
            ("pay", set()),
            ("HY—2026—03", {"simplified"}),
            ("hy-2026-03", {"simplified"}),
            ("台北", {"traditional"}),
            ("里面", {"traditional"}),
            ("计划书", {"traditional"}),
            ("穿着", {"traditional"}),
            ("违约 上海", {"simplified"}),  # all words must match
            ("违约 考勤", set()),
            ("-违约", {"other"}),
            ("应当 -违约", {"other"}),
            ("应当 -ABC -台北", {"other"}),
            ("－违约", {"other"}),
            ('"支付货款"', {"simplified", "traditional"}),
            ('"货款支付"', {"traditional"}),  # order counts: only in this one's title
            ("“合同 约定”", {"simplified", "traditional"}),
            ('"约定 合同"', set()),
            ('-"支付货款"', {"other"}),
            ("采购 考勤", set()),
            ("采购 违约", {"simplified"}),  # one word in the title, one in the text
            ("", {"simplified", "traditional", "other"}),
            ("。,", {"simplified", "traditional", "other"}),  # nothing to look for
        ],
    )
    def test_finds_exactly(self, golden: Engine, question: str, expected: set[str]) -> None:
        found = ask(golden, question)
        assert (set(names(found, ("simplified", "traditional", "other"))), found.count) == (expected, len(expected))

    def test_a_sentence_may_run_from_one_page_to_the_next(self, engine: Engine) -> None:
        engine.write([document("pages", pages=(("双方承担违", "约责任。"),)), document("files", pages=(("双方承担违",), ("约责任。",)))])
        assert names(ask(engine, "违约责任"), ("pages", "files")) == ["pages"]  # but not from one file to the next

    @pytest.mark.parametrize("seed", range(3))
    def test_any_window_of_running_text_is_found(self, engine: Engine, seed: int) -> None:
        dice = random.Random(seed)
        characters = [chr(point) for point in range(0x4E00, 0x4E00 + 400)]
        texts = {place: "".join(dice.choices(characters, k=300)) for place in range(8)}
        broken = {place: "\n".join(text[at : at + 37] for at in range(0, 300, 37)) for place, text in texts.items()}
        engine.write(document(place, pages=((text,),)) for place, text in broken.items())
        from search import fold

        for size in (2, 3, 5, 8):
            place, start = dice.randrange(8), dice.randrange(300 - size)
            window = texts[place][start : start + size]
            expected = {other for other, text in texts.items() if fold.fold(window) in fold.fold(text)}
            assert set(names(ask(engine, window), texts)) == expected


class Numbers:
    """FND-4: numbers typed in part, with other dashes, in another case."""

    @pytest.fixture(scope="class")
    @classmethod
    def numbered(cls, new_engine: Callable[[], Engine]) -> Engine:
        engine = new_engine()
        engine.write(
            [
                document("a", number="HT-2026-0001", numbers=("HY-2026-03",)),
                document("b", number="HT-2026-0012"),
                document("c", number="鸿借字第001号-02", title="借款合同"),
            ]
        )
        return engine

    @pytest.mark.parametrize(
        ("question", "expected"),
        [
            ("HT-2026-0001", ["a"]),
            ("ht 2026 0001", ["a"]),
            ("HT20260001", ["a"]),
            ("HT–2026–0001", ["a"]),
            ("HT−2026−0001", ["a"]),
            ("2026-00", ["b", "a"]),
            ("026-0012", ["b"]),
            ("\uff28\uff34\uff0d2026\uff0d0001", ["a"]),
            ("hy2026", ["a"]),
            ("鸿借字", ["c"]),
            ("鴻借字第001號", ["c"]),
            ("001号-02", ["c"]),
            ("HT-2026 -0012", ["a"]),
        ],
    )
    def test_in_part(self, numbered: Engine, question: str, expected: list[str]) -> None:
        assert set(names(ask(numbered, question), "abc")) == set(expected)

    def test_the_number_itself_comes_first(self, engine: Engine) -> None:
        text = document("d", title="HT-2026-0001 的补充", pages=(("HT-2026-0001",),))
        engine.write([document("a", number="HT-2026-0001"), document("e", number="HT-2026-00010"), text])
        assert names(ask(engine, "ht-2026-0001"), "ade") == ["a", "e", "d"]

    def test_records_without_number_come_last_and_nine_before_ten(self, engine: Engine) -> None:
        given = {"n10": "HT-2026-10", "none": None, "n9": "HT-2026-9", "dk": "DK-1", "vol": "鸿借字第001号", "y25": "HT-2025-99"}
        engine.write(document(name, number=number) for name, number in given.items())
        assert names(ask(engine, sort="number"), given) == ["dk", "y25", "n9", "n10", "vol", "none"]


class Rankings:
    """Constant scores: number, title, party, words side by side, words; ties by date, number, id."""

    def test_the_best_first(self, engine: Engine) -> None:
        engine.write(
            [
                document("text", pages=(("违约在先,责任在后",),)),
                document("side by side", pages=(("违约责任",),)),
                document("party", parties=((identity("p"), "违约责任事务所"),)),
                document("one in title", title="违约通知", pages=(("责任",),)),
                document("title", title="违约与责任"),
            ]
        )
        everything = ("text", "side by side", "party", "one in title", "title")
        found = ask(engine, "违约 责任")
        assert names(found, everything) == ["title", "one in title", "party", "side by side", "text"]
        assert sorted({hit.score for hit in found.hits}, reverse=True) == [hit.score for hit in found.hits]

    def test_ties_go_by_date_number_and_id(self, engine: Engine) -> None:
        day = datetime.date(2026, 3, 18)
        documents = [document(place, number=f"HT-{place % 4:03}" if place % 3 else None, date=day) for place in range(12)]
        documents += [document("new", date=datetime.date(2026, 3, 19)), document("undated", date=None)]
        engine.write(documents)
        by_id = {each.id: each for each in documents}
        hits = [by_id[hit.id] for hit in ask(engine, "采购").hits]
        key = [(-(each.date or datetime.date.min).toordinal(), each.number or "~", uuid.UUID(each.id).int) for each in hits]
        assert key == sorted(key)
        assert len(hits) == 14

    def test_scores_do_not_depend_on_other_records(self, engine: Engine) -> None:
        engine.write([document("mine", title="违约通知", pages=((CONTRACT,),))])
        before = ask(engine, "违约 责任")
        engine.write([document(place, tier="secret", title="违约责任", pages=(("违约责任" * 50,),)) for place in range(20)])
        after = ask(engine, "违约 责任")
        assert [(hit.id, hit.score) for hit in before.hits] == [(hit.id, hit.score) for hit in after.hits]

    @pytest.fixture(scope="class")
    @classmethod
    def many(cls, new_engine: Callable[[], Engine]) -> Engine:
        engine, dice = new_engine(), random.Random(5)
        documents = [
            document(
                place,
                title=dice.choice(["采购合同", "租赁合同", "手册", "采购"]),
                number=dice.choice([None, f"HT-{place}"]),
                tier=dice.choice(["internal", "secret"]),
                date=dice.choice([None, datetime.date(2025, 1, dice.randint(1, 3)), datetime.date(2026, 1, 1)]),
                pages=(("采购合同",),),
            )
            for place in range(60)
        ]
        for start in range(0, 60, 20):  # several segments
            engine.write(documents[start : start + 20])
        return engine

    @pytest.mark.parametrize("sort", list(query.Sort))
    @pytest.mark.parametrize("question", ["", "合同", "采购 合同"])
    def test_pages_are_cut_out_of_one_order(self, many: Engine, sort: query.Sort, question: str) -> None:
        tiers = {"reader_tiers": frozenset({"internal"}), "listed_reader_tiers": frozenset({"secret"})}
        rights = Rights(person="7", classes=frozenset({"1"}), **tiers)
        whole = [hit.id for hit in ask(many, question, rights, sort=sort, page_size=200).hits]
        for size in (3, 7, 20):
            pages = range(1, 60 // size + 3)
            cut = [hit.id for page in pages for hit in ask(many, question, rights, sort=sort, page_size=size, page=page).hits]
            assert cut == whole
        assert len(whole) == len(set(whole)) == ask(many, question, rights).count

    def test_a_page_past_the_end_is_empty(self, engine: Engine) -> None:
        engine.write([document("a")])
        found = ask(engine, page=9)
        assert (found.count, found.hits) == (1, ())


class Facets:
    """Filters with counts (FND-3)."""

    first, second = identity("party one"), identity("party two")

    @pytest.fixture(scope="class")
    @classmethod
    def varied(cls, new_engine: Callable[[], Engine]) -> Engine:
        engine = new_engine()
        engine.write(
            [
                document("a", department="sales", project="滨江", parties=((cls.first, "甲"), (cls.second, "乙"))),
                document("b", department="legal", record_type="general", date=datetime.date(2025, 1, 1), parties=((cls.first, "甲"),)),
                document("c", class_path=("F", "HT", "HT1"), state="registered", date=None),
            ]
        )
        return engine

    def test_counts(self, varied: Engine) -> None:
        found = ask(varied)
        assert list(found.facets) == list(FACETS)
        assert counts(found, "record_type") == {"contract": 2, "general": 1}
        assert counts(found, "record_class") == {"F": 3, "HT": 3, "HT1": 1}  # a class counts what lies below it
        assert counts(found, "project") == {"滨江": 1}
        assert counts(found, "department") == {"sales": 1, "legal": 1}
        assert counts(found, "year") == {"2026": 1, "2025": 1}
        assert counts(found, "tier") == {"internal": 3}
        assert counts(found, "party") == {self.first: 2, self.second: 1}
        assert counts(found, "state") == {"filed": 2, "registered": 1}

    @pytest.mark.parametrize(
        ("filters", "expected"),
        [
            ({"record_type": ["general"]}, "b"),
            ({"record_type": ["general", "contract"]}, "abc"),
            ({"record_class": ["HT1"]}, "c"),
            ({"record_class": ["F"]}, "abc"),
            ({"department": ["sales"], "year": ["2026"]}, "a"),
            ({"department": ["sales"], "year": ["2025"]}, ""),
            ({"project": ["滨江"]}, "a"),
            ({"state": ["registered"]}, "c"),
            ({"tier": ["secret"]}, ""),
        ],
    )
    def test_filters(self, varied: Engine, filters: dict[str, list[str]], expected: str) -> None:
        assert sorted(names(ask(varied, filters=filters), "abc")) == list(expected)

    def test_party(self, varied: Engine) -> None:
        assert names(ask(varied, filters={"party": [self.second]}), "abc") == ["a"]

    def test_a_choice_does_not_narrow_its_own_list(self, varied: Engine) -> None:
        found = ask(varied, filters={"record_type": ["general"]})
        assert counts(found, "record_type") == {"contract": 2, "general": 1}
        assert counts(found, "department") == {"legal": 1}
        assert found.count == 1

    def test_days(self, varied: Engine) -> None:
        day = datetime.date(2025, 1, 1)
        assert names(ask(varied, date_from=day, date_to=day), "abc") == ["b"]
        assert names(ask(varied, date_from=day + datetime.timedelta(1)), "abc") == ["a"]
        assert names(ask(varied, date_to=day), "abc") == ["b"]

    def test_many_values_are_cut_the_same_way_whatever_lies_beside(self, engine: Engine) -> None:
        parties = [identity(place) for place in range(300)]
        engine.write(document(place, parties=((party, "甲"),)) for place, party in enumerate(parties))
        engine.write(document(f"more {place}", parties=((party, "甲"),)) for place, party in enumerate(parties[:5]))
        assert counts(ask(engine), "party") == dict.fromkeys(sorted(parties[:5], key=lambda party: uuid.UUID(party).int), 2)


class Secrecy:
    """SEC-5: rights in the question itself."""

    KNOWS = Rights(
        person="7",
        open_tiers=frozenset({"public"}),
        reader_tiers=frozenset({"internal"}),
        named_tiers=frozenset({"top-secret"}),
        listed_reader_tiers=frozenset({"secret"}),
        classes=frozenset({"1"}),
    )

    @pytest.mark.parametrize(
        ("values", "rights", "expected"),
        [
            ({}, {}, "full"),
            ({"class_id": "2"}, {}, None),
            ({"class_id": "2", "tier": "public"}, {}, "full"),
            ({"class_id": "2", "volume": "v"}, {"volumes": frozenset({"v"})}, "full"),
            ({"class_id": "2", "volume": "w"}, {"volumes": frozenset({"v"})}, None),
            ({"class_id": "2"}, {"records": frozenset({identity("it")})}, "full"),
            ({"class_id": "2", "tier": "confidential"}, {"records": frozenset({identity("it")})}, None),
            ({"class_id": "2", "tier": "confidential"}, {"opened": frozenset({identity("it")})}, "full"),
            ({"tier": "secret"}, {}, "listed"),
            ({"tier": "secret"}, {"opened": frozenset({identity("it")})}, "full"),
            ({"tier": "secret", "class_id": "2"}, {"records": frozenset({identity("it")})}, "listed"),
            ({"tier": "secret", "class_id": "2"}, {}, None),
            ({"tier": "top-secret", "named": ("7",)}, {}, "full"),
            ({"tier": "top-secret", "named": ("77", "8")}, {}, None),
            ({"tier": "confidential", "named": ("7",)}, {}, None),
            ({}, {"withheld": frozenset({identity("it")})}, None),
            ({"tier": "secret"}, {"withheld": frozenset({identity("it")})}, None),
        ],
    )
    def test_who_finds_what(self, engine: Engine, values: dict[str, Any], rights: dict[str, Any], expected: str | None) -> None:
        engine.write([document("it", **values)])
        who = Rights(**{**self.KNOWS.__dict__, **rights})
        for sort in query.Sort:
            found = ask(engine, rights=who, sort=sort)
            assert ([hit.access for hit in found.hits], found.count) == (([expected], 1) if expected else ([], 0))
        assert bool(engine.suggest("采购", who)) is bool(expected)

    def test_nobody_finds_nothing(self, engine: Engine) -> None:
        engine.write([document("it", tier="public")])
        found = ask(engine, rights=Rights(person=""))
        assert (found.count, found.hits, any(found.facets.values()), engine.suggest("采购", Rights(person=""))) == (0, (), False, ())

    def test_a_listing_is_matched_by_its_listing_only(self, engine: Engine) -> None:
        party, day = identity("p"), datetime.date(2026, 5, 5)
        engine.write(
            [
                document(
                    "it",
                    tier="secret",
                    number="HT-2026-0007",
                    date=day,
                    department="sales",
                    project="机密项目",
                    parties=((party, "宏远公司"),),
                    numbers=("HY-99",),
                    fields=("机密项目",),
                    digests=("d",),
                    pages=((CONTRACT,),),
                )
            ]
        )
        hidden = ["违约", "宏远", "hy-99", "机密项目", "采购 违约"]
        assert [ask(engine, question, self.KNOWS).count for question in hidden] == [0] * 5
        assert [ask(engine, question, self.KNOWS).count for question in ("采购", "0007", "ht-2026-0007", "-违约", "-宏远")] == [1] * 5
        assert ask(engine, "-采购", self.KNOWS).count == 0
        for filters in ({"party": [party]}, {"department": ["sales"]}, {"project": ["机密项目"]}):
            assert ask(engine, "", self.KNOWS, filters=filters).count == 0
        for name, value in {"year": "2026", "tier": "secret", "record_class": "HT", "state": "filed", "record_type": "contract"}.items():
            assert ask(engine, "", self.KNOWS, filters={name: [value]}).count == 1
        assert ask(engine, "", self.KNOWS, date_from=day, date_to=day).count == 0
        found = ask(engine, "采购", self.KNOWS)
        assert [counts(found, name) for name in ("year", "party", "department", "project")] == [{"2026": 1}, {}, {}, {}]

    def test_the_order_of_listings_does_not_tell_their_day(self, engine: Engine) -> None:
        first, second = sorted([document("x", tier="secret"), document("y", tier="secret")], key=lambda each: uuid.UUID(each.id).int)
        for early, late in ((first, second), (second, first)):
            engine.write(
                [
                    Document(**{**early.__dict__, "date": datetime.date(2026, 1, 1)}),
                    Document(**{**late.__dict__, "date": datetime.date(2026, 12, 31)}),
                ]
            )
            assert [hit.id for hit in ask(engine, rights=self.KNOWS, sort="date").hits] == [first.id, second.id]

    def test_sensitive_values_are_found_by_their_digest_only(self, engine: Engine) -> None:
        engine.write([document("it", digests=("9f3c",), pages=(("身份证号******************",),))])
        with_digest = query.Query((query.Clause("11010519491231002X", digests=("9f3c",)),))
        assert engine.search(with_digest, READER).count == 1
        assert ask(engine, "11010519491231002X").count == 0
        assert ask(engine, "1101").count == 0

    @pytest.mark.parametrize("seed", range(4))
    def test_answers_are_the_same_without_the_hidden(self, engine: Engine, seed: int) -> None:
        dice = random.Random(seed)
        seen = [self._random(dice, place, ["internal", "public", "secret"], ["1"]) for place in range(25)]
        hidden = [self._random(dice, f"hidden {place}", ["confidential", "top-secret", "internal", "secret"], ["2"]) for place in range(25)]
        engine.write(seen)
        questions = ["", "合同", "违约", "采购 责任", "-违约", "ht-2026", "2026-1", '"违约责任"', "宏远"]
        before = [self._answers(engine, question) for question in questions]
        for start in range(0, 25, 5):
            engine.write(hidden[start : start + 5])
        assert [self._answers(engine, question) for question in questions] == before

    def _random(self, dice: random.Random, name: object, tiers: list[str], classes: list[str]) -> Document:
        return document(
            name,
            tier=dice.choice(tiers),
            class_id=dice.choice(classes),
            number=dice.choice([None, f"HT-2026-{dice.randint(1, 40)}"]),
            title="".join(dice.choices(["采购", "合同", "违约", "租赁"], k=2)),
            department=dice.choice([None, "sales", "legal"]),
            project=dice.choice([None, "滨江", "云海"]),
            date=dice.choice([None, datetime.date(2026, dice.randint(1, 3), 1), datetime.date(2025, 1, 1)]),
            parties=((identity(dice.randint(0, 3)), dice.choice(["宏远公司", "中信公司"])),),
            pages=(("".join(dice.choices(["违约", "责任", "货款", "。"], k=20)),),),
        )

    def _answers(self, engine: Engine, question: str) -> list[object]:
        answers: list[object] = [
            ask(engine, question, self.KNOWS, sort=sort, page_size=10, page=page) for sort in query.Sort for page in (1, 2)
        ]
        answers += [ask(engine, question, self.KNOWS, filters={"record_type": ["contract"], "year": ["2026"]})]
        return [*answers, engine.suggest(question, self.KNOWS)]


class Suggestions:
    """Suggestions are search results, never words of an index (U3)."""

    def test_numbers_in_part_and_beginnings_of_words(self, engine: Engine) -> None:
        engine.write([document("a", number="HT-2026-0001", title="Framework agreement"), document("b", pages=(("framework",),))])
        cases = {"2026-00": ["a"], "fram": ["a"], "framework agr": ["a"], "agreement": ["a"], "采购": ["b"], "備採": ["b"]}
        cases |= {"": [], "ramework": []}
        by_id = {identity(name): name for name in "ab"}
        assert {typed: [by_id[hit.id] for hit in engine.suggest(typed, READER)] for typed in cases} == cases


class Limits:
    """A question is limited in length and words, with a sentence that says so."""

    @pytest.mark.parametrize("text", ["违" * 501, "a " * 33])
    def test_too_long(self, text: str) -> None:
        with override("en"), pytest.raises(QueryTooLong, match="possible"):
            query.build(text)

    @pytest.mark.parametrize(
        "values", [{"filters": {"colour": ["red"]}}, {"sort": "size"}, {"page": 0}, {"page_size": 201}, {"page_size": 0}]
    )
    def test_refused(self, values: dict[str, Any]) -> None:
        with pytest.raises(QueryRefused):
            query.build("", **values)

    def test_nothing_typed_breaks_it(self, engine: Engine) -> None:
        engine.write([document("it")])
        for text in [
            '"',
            "-",
            '-"',
            '"" ""',
            "\x00",
            "(a OR b)",
            "a:b",
            "*",
            "a~",
            "^",
            "[1 TO 2]",
            "\\",
            "AND",
            "😀",
            "a\u0301",
            "\ud800",
        ]:
            ask(engine, text)
            engine.suggest(text, READER)

    def test_the_longest_question_is_answered(self, engine: Engine) -> None:
        engine.write([document("it", pages=(("甲乙丙丁" * 100,),))])
        assert ask(engine, "甲乙丙丁" * 100).count == 1
        assert ask(engine, " ".join(["甲乙", "乙丙", "丙丁"] * 10)).count == 1


class Keeping:
    """Writing, replacing, removing, building anew."""

    def test_writing_again_replaces(self, engine: Engine) -> None:
        engine.write([document("it", title="旧名"), document("it", title="新名")])
        engine.write([document("it", title="新名")])
        assert (ask(engine, "旧名").count, ask(engine, "新名").count, ask(engine).count) == (0, 1, 1)

    def test_a_deletion_is_seen_at_once(self, engine: Engine) -> None:
        engine.write([document("a"), document("b")])
        engine.write([], [identity("a"), identity("never there")])
        assert names(ask(engine), "ab") == ["b"]

    def test_a_refresh_writes_what_there_is_now_and_removes_the_rest(self, engine: Engine) -> None:
        engine.write([document("a", title="旧名"), document("b"), document("c")])
        gone = engine.refresh([identity("a"), identity("b"), identity("d")], lambda ids: [document("a", title="新名")])
        assert gone == {identity("b"), identity("d")}
        assert set(names(ask(engine), "abcd")) == {"a", "c"}
        assert ask(engine, "新名").count == 1

    def test_what_cannot_be_remade_leaves_everything_as_it_was(self, engine: Engine) -> None:
        engine.write([document("a")])

        def remake(_ids: Collection[str]) -> list[Document]:
            raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            engine.refresh([identity("a")], remake)
        assert ask(engine).count == 1
        engine.write([document("b")])  # nobody is left writing
        assert ask(engine).count == 2

    def test_stamps_say_what_is_there(self, engine: Engine) -> None:
        old, new = document("a", title="旧名"), document("a")
        engine.write([old, document("b"), document("c")])
        engine.write([new], [identity("c")])
        assert dict(engine.stamps()) == {new.id: new.stamp, identity("b"): document("b").stamp}
        assert old.stamp != new.stamp

    def test_an_erased_record_leaves_no_word(self, engine: Engine) -> None:
        stays = [document(place) for place in range(5)]
        engine.write([*stays, document("it", pages=(("绝无仅有",),))])
        engine.write([document("it", pages=(("绝无仅有的",),))])
        engine.erase([identity("it")], remake=lambda ids: [], everything=lambda: stays)
        assert not engine.holds(identity("it"))
        assert (ask(engine).count, ask(engine, "绝无仅有").count) == (5, 0)

    def test_the_old_index_serves_while_a_new_one_is_built(self, engine: Engine) -> None:
        engine.write([document("a"), document("b")])
        with engine.rebuild() as building:
            building.add([document("a"), document("b")])
            assert ask(engine).count == 2
            engine.write([document("c")], [identity("b")])  # meanwhile
            assert sorted(names(ask(engine), "abc")) == ["a", "c"]
            building.finish(lambda ids: [document("c")] if identity("c") in ids else [])
        assert sorted(names(ask(engine), "abc")) == ["a", "c"]
        engine.write([document("d")])
        assert ask(engine).count == 3

    def test_a_rebuild_that_fails_changes_nothing(self, engine: Engine) -> None:
        engine.write([document("a")])
        with suppress(ZeroDivisionError), engine.rebuild() as building:
            building.add([document("b")])
            raise ZeroDivisionError
        assert names(ask(engine), "ab") == ["a"]

    def test_readers_and_a_writer_at_once(self, engine: Engine) -> None:
        engine.write([document("always")])
        wrong: list[int] = []
        done = threading.Event()

        def look() -> None:
            while not done.is_set():
                found = ask(engine, page_size=200)
                if found.count != len(found.hits) or identity("always") not in {hit.id for hit in found.hits}:
                    wrong.append(found.count)

        readers = [threading.Thread(target=look) for _reader in range(2)]
        for reader in readers:
            reader.start()
        for place in range(15):
            engine.write([document("always"), document(place)])
        done.set()
        for reader in readers:
            reader.join()
        assert not wrong
        assert ask(engine).count == 16

    def test_a_healthy_engine_says_so(self, engine: Engine) -> None:
        engine.check()


class SearchEngineContract(GoldenChinese, Numbers, Rankings, Facets, Secrecy, Suggestions, Limits, Keeping):
    """All of it."""
