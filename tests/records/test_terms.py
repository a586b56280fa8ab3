"""Terms of secrecy in time: what falls by itself, by an event, who is told, what is prolonged and let go (SEC-3, SEC-13, SEC-14)."""

from contextlib import suppress
from datetime import date, datetime, timedelta
from itertools import product
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.db import transaction
from django.utils import timezone, translation
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from records import access, audit, changing, errors, lending, outbox, secrecy, terms, volumes
from records.models import AuditEvent, Grant, Loan, Notice, Record, RecordClass, State, Tier, TierChange, User
from records.states import BEFORE_FILING
from retention import daily
from storage.models import DataKey
from tests import factories
from tests.factories import filed, grant, person, registered, secret

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate()


def ends(record, day):
    """The record as if its term ended on this day."""
    Record.objects.filter(pk=record.pk).update(tier_until=day)
    return record


def propose(record, who="archivist", **given):
    return secrecy.propose_tier(actor=person(who), record_id=record.pk, **{"reason": "交易未完成", **given})


def decide(change, who="archivist2", decision="accept", reason=""):
    return secrecy.decide_tier(actor=person(who), change_id=change.pk, decision=decision, reason=reason)


def fresh(record):
    return Record.objects.select_related("tier").get(pk=record.pk)


def told(kind):
    return sorted(Notice.objects.filter(kind=kind).values_list("person__username", flat=True))


# --- by date --------------------------------------------------------------------------------------------------------


def test_a_term_that_is_over_falls_by_itself_and_says_so():  # SEC-3, SEC-13
    record = ends(filed(**secret("confidential")), TODAY - timedelta(days=1))
    assert terms.declassify(TODAY) == 1
    after = fresh(record)
    assert (after.tier.slug, after.tier_until, after.tier_reason, after.declassified_on) == ("internal", None, "", TODAY)
    assert secrecy.mark(after) == "内部·解密"
    event = AuditEvent.objects.get(record_id=record.pk, action="declassify")
    assert event.actor_name == audit.CUSTODIAN_SERVICE.name
    assert audit.values_of(event, after)["tier"] == ["confidential", "internal"]
    assert str(record.pk) in outbox.withheld()  # the index takes it in anew
    assert access.get_readable(person("staff"), record.pk)


def test_one_that_cannot_be_judged_holds_up_nothing(capsys):  # SEC-3
    broken, other = (ends(filed(**secret("confidential")), TODAY - timedelta(days=days)) for days in (2, 1))
    soon = ends(filed(**secret("secret")), TODAY + timedelta(days=20))
    DataKey.objects.filter(pk=broken.data_key_id).update(wrapped=b"broken")
    with pytest.raises(CommandError, match=str(broken.pk)):
        call_command("retention", "run")
    assert [fresh(record).tier.slug for record in (broken, other)] == ["confidential", "internal"]
    assert Notice.objects.filter(kind="tier-ends-30", record=soon).exists()


@pytest.mark.parametrize("falls", ["by date", "by decision"])
def test_who_was_named_on_it_is_not_named_on_what_it_becomes_later(falls):  # SEC-4
    named = {"named": ["officer", "registrar", "manager"], "tier": "top-secret"}
    record = filed("registrar", "officer", **{**secret("top-secret"), **named})
    if falls == "by date":
        terms.declassify(ends(record, TODAY - timedelta(days=1)) and TODAY)
    else:
        decide(propose(record, "registrar", tier="internal"), "officer")
    assert fresh(record).tier.slug == "internal"
    for name in ("registrar", "officer", "manager"):
        Grant.objects.get_or_create(record_class=record.record_class, user=person(name))
    decide(propose(record, "registrar", tier="top-secret"), "officer")
    assert access.visible_to(person("officer")).filter(pk=record.pk).exists()
    assert not access.visible_to(person("manager")).filter(pk=record.pk).exists()


@pytest.mark.parametrize("zone", ["Asia/Shanghai", "Europe/Zurich"])
@pytest.mark.parametrize("last", [date(2027, 3, 28), date(2027, 10, 31), date(2027, 7, 1)])  # the first two: Zurich's clocks change
def test_the_last_day_belongs_to_the_term_and_ends_at_midnight_of_the_zone(zone, last):  # SEC-3
    record, place = ends(filed(**secret("secret")), last), ZoneInfo(zone)
    midnight = datetime(last.year, last.month, last.day, tzinfo=place) + timedelta(days=1)  # of the wall clock
    before = (midnight.astimezone(ZoneInfo("UTC")) - timedelta(seconds=1)).astimezone(place)
    with timezone.override(place):
        dict(daily.run(timezone.localdate(before)))
        assert fresh(record).tier.slug == "secret"
        assert access.get_visible(person("staff"), record.pk).access == "listed"
        dict(daily.run(timezone.localdate(midnight)))
    assert fresh(record).tier.slug == "internal"


def test_until_the_daily_work_has_run_nobody_reads_more():  # SEC-3
    record = ends(filed(**secret("secret")), TODAY - timedelta(days=3))
    assert access.get_visible(person("staff"), record.pk).access == "listed"


def test_the_daily_work_may_be_done_twice():
    record = ends(filed(**secret("secret")), TODAY - timedelta(days=1))
    soon = ends(filed(**secret("secret")), TODAY + timedelta(days=80))
    assert dict(daily.run(TODAY)) == {"declassified": 1, "told of a term that ends": 1, "due dates set anew": 0}
    assert dict(daily.run(TODAY)) == {"declassified": 0, "told of a term that ends": 0, "due dates set anew": 0}
    assert AuditEvent.objects.filter(action="declassify").count() == 1
    assert fresh(record).revision == record.revision + 1
    assert Notice.objects.filter(record=soon).count() == 1


def test_a_tier_may_fall_to_another_that_is_secret_for_its_own_longest_term():  # SEC-13
    Tier.objects.filter(slug="top-secret").update(falls_to=Tier.objects.get(slug="secret"))
    record = ends(filed("registrar", "officer", **secret("top-secret")), TODAY - timedelta(days=1))
    terms.declassify(TODAY)
    after = fresh(record)
    assert secrecy.mark(after) == "秘密★10年"
    assert (after.tier_from, after.tier_reason) == (TODAY, record.tier_reason)


def test_a_tier_that_names_no_other_falls_to_the_highest_without_a_term():  # SEC-13
    Tier.objects.filter(slug="secret").update(falls_to=None)
    record = ends(filed(**secret("secret")), TODAY - timedelta(days=1))
    terms.declassify(TODAY)
    assert fresh(record).tier.slug == "internal"


def test_no_tier_is_set_up_to_fall_upwards():
    tier = Tier.objects.get(slug="secret")
    tier.falls_to = Tier.objects.get(slug="confidential")
    with pytest.raises(ValidationError):
        tier.full_clean()


def test_loans_go_on_when_the_tier_falls_and_end_when_it_is_raised():  # LND-10
    factories.loan_policies()
    grantless = person("staff2")  # reads nothing of the class: the loan is all there is
    record = filed(**secret("secret"))
    asked = {"record_id": record.pk, "use": "view", "purpose": "核对", "until": str(TODAY + timedelta(days=5))}
    record.grants.create(user=grantless)
    loan = lending.request(actor=grantless, **asked)
    lending.decide(actor=person("manager"), loan_id=loan.pk, decision="approve")
    record.grants.all().delete()
    ends(record, TODAY - timedelta(days=1))
    terms.declassify(TODAY)
    assert access.get_visible(grantless, record.pk).access == "full"
    decide(propose(record, tier="secret"))
    assert Loan.objects.get(pk=loan.pk).state == "recalled"


def test_a_proposal_that_nobody_decided_in_time_lapses():  # SEC-3
    record = ends(filed(**secret("secret")), TODAY - timedelta(days=1))
    change = propose(record, tier="secret", until="P5Y")
    terms.declassify(TODAY)
    assert TierChange.objects.get(pk=change.pk).state == "lapsed"
    with pytest.raises(errors.StateConflict):
        decide(change)
    propose(record, tier="secret", until="P5Y")  # and makes room for another


def test_a_change_whose_term_is_over_by_now_is_not_accepted():
    record = filed(**secret("secret"))
    change = propose(record, tier="confidential", until=TODAY + timedelta(days=1))
    TierChange.objects.filter(pk=change.pk).update(until=TODAY - timedelta(days=1))
    with pytest.raises(errors.Conflict):
        decide(change)
    assert fresh(record).tier.slug == "secret"


# --- marks ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("until", "mark"),
    [(date(2036, 2, 29), "机密★12年"), (date(2024, 8, 29), "机密★6个月"), (date(2031, 5, 1), "机密★至2031年5月1日")],
)
def test_a_mark_says_a_round_period_or_the_last_day(until, mark):  # SEC-13
    assert secrecy.mark(Record(tier=Tier.objects.get(slug="confidential"), tier_from=date(2024, 2, 29), tier_until=until)) == mark


def test_an_event_is_in_no_mark_and_ends_nothing_by_itself():  # SEC-3, SEC-5
    record = filed(**secret("secret"), tier_event="项目公开后")
    assert secrecy.mark(record) == "秘密★10年"  # without a stated term its longest
    with translation.override("en"), pytest.raises(errors.Invalid) as refused:
        registered(**secret("secret"), tier_event=f"{factories.IDENTITY_NUMBER} 注销后")
    assert set(refused.value.errors) == {"tier_event"}


# --- by event -------------------------------------------------------------------------------------------------------


def test_an_event_that_happened_takes_two_people():  # SEC-3, SEC-14
    record = filed(**secret("secret"), tier_event="项目公开后")
    change = secrecy.declassify_on_event(actor=person("archivist"), record_id=record.pk, reason="公告已发布")
    assert fresh(record).tier.slug == "secret"
    with pytest.raises(errors.Conflict):
        decide(change, "archivist")
    decide(change)
    after = fresh(record)
    assert (after.tier.slug, after.tier_event, after.declassified_on) == ("internal", "", TODAY)


def test_what_waits_for_no_event_is_not_declassified_by_one():
    for record in (filed(), filed(**secret("secret"))):
        with pytest.raises(errors.Conflict):
            secrecy.declassify_on_event(actor=person("archivist"), record_id=record.pk, reason="x")
    eventful = filed(**secret("secret"), tier_event="项目公开后")
    with pytest.raises(errors.ReasonMissing):
        secrecy.declassify_on_event(actor=person("archivist"), record_id=eventful.pk, reason=" ")


def test_a_tier_without_a_longest_term_asks_for_a_day_or_an_event():  # SEC-3
    Tier.objects.filter(slug="secret").update(longest_years=None)
    with pytest.raises(errors.Invalid):
        registered(**secret("secret"))
    assert registered(**secret("secret"), tier_event="项目公开后").tier_until is None


# --- prolonging -----------------------------------------------------------------------------------------------------


def test_prolonging_takes_two_people_and_leaves_reason_and_beginning():  # SEC-3, SEC-14
    record = filed(**secret("secret"), tier_until="P1Y")
    change = propose(record, tier="secret", until="P3Y")
    with pytest.raises(errors.Conflict):
        decide(change, "archivist")
    assert fresh(record).tier_until == record.tier_until
    decide(change)
    after = fresh(record)
    assert secrecy.mark(after) == "秘密★3年"
    assert (after.tier_from, after.tier_reason) == (record.tier_from, record.tier_reason)


@pytest.mark.parametrize(
    ("until", "wrong"), [("P11Y", "tier_until"), ("P1Y", "tier"), ("2020-01-01", "tier_until"), ("bald", "tier_until")]
)
def test_a_term_is_not_prolonged_beyond_the_longest_nor_to_what_it_is(until, wrong):
    record = filed(**secret("secret"), tier_until="P1Y")
    with pytest.raises(errors.Invalid) as refused:
        propose(record, tier="secret", until=until)
    assert set(refused.value.errors) == {wrong}


def test_a_reason_has_an_end():
    record = filed(**secret("secret"))
    with pytest.raises(errors.Invalid) as refused:
        propose(record, tier="confidential", reason="长" * 501)
    assert set(refused.value.errors) == {"reason"}
    change = propose(record, tier="confidential")
    with pytest.raises(errors.Invalid):
        decide(change, reason="长" * 501)


def test_the_owner_proposes_and_others_decide():  # SEC-14
    record = filed(**secret("secret"), owner="head")
    change = propose(record, "head", tier="secret", until="P5Y")
    with pytest.raises(errors.Conflict):
        decide(change, "head")
    assert decide(change).state == "accepted"
    with pytest.raises(errors.NotAllowed):
        propose(filed(**secret("secret")), "head", tier="secret", until="P5Y")


def test_every_direction_in_every_state_takes_a_second_person():  # SEC-14
    """The table walked: state × raising, lowering, prolonging, by event."""
    ways = {"raise": ("confidential", None), "lower": ("public", None), "prolong": ("secret", "P7Y"), "event": ("", None)}
    record = filed(**secret("secret"), tier_event="项目公开后")
    for state, (way, (tier, until)) in product(State.values, ways.items()):
        with transaction.atomic():
            numbered = state in (State.FILED, State.DESTROYED, State.TRANSFERRED)
            Record.objects.filter(pk=record.pk).update(state=state, number="X-1" if numbered else None)
            legal = state in BEFORE_FILING | {State.FILED}
            try:
                if way == "event":
                    change = secrecy.declassify_on_event(actor=person("archivist"), record_id=record.pk, reason="x")
                else:
                    change = propose(record, tier=tier, until=until)
            except errors.StateConflict:
                assert not legal, (state, way)
            else:
                assert legal, (state, way)
                with pytest.raises(errors.Conflict):
                    decide(change, "archivist")
                assert fresh(record).tier.slug == "secret"
                assert decide(change).state == "accepted", (state, way)
            transaction.set_rollback(True)


# --- notices --------------------------------------------------------------------------------------------------------


def test_the_owner_is_told_ninety_and_thirty_days_ahead_once_each():  # SEC-14
    record = ends(filed(**secret("secret"), owner="head"), TODAY + timedelta(days=91))
    terms.tell_ahead(TODAY)
    assert told("tier-ends-90") == []
    for day in (1, 2, 40, 61, 62, 91):
        terms.tell_ahead(TODAY + timedelta(days=day))
    assert (told("tier-ends-90"), told("tier-ends-30")) == (["head"], ["head"])
    decide(propose(record, tier="secret", until=TODAY + timedelta(days=89)))
    terms.tell_ahead(TODAY)  # another term
    assert told("tier-ends-90") == ["head", "head"]


def test_a_notice_that_was_missed_is_sent_while_it_is_true():  # SEC-14
    ends(filed(**secret("secret"), owner="head"), TODAY + timedelta(days=80))
    ends(filed(**secret("secret"), owner="head"), TODAY + timedelta(days=5))
    ends(filed(**secret("secret"), owner="head"), TODAY - timedelta(days=1))
    terms.tell_ahead(TODAY)
    assert (told("tier-ends-90"), told("tier-ends-30")) == (["head"], ["head"])


def test_who_may_not_know_of_it_is_told_nothing():  # SEC-5, SEC-14
    listed = ends(filed(**secret("confidential"), owner="staff"), TODAY + timedelta(days=80))
    hidden = ends(filed(**secret("secret"), owner="staff2"), TODAY + timedelta(days=80))
    top = ends(filed("registrar", "officer", **secret("top-secret"), named=["manager", "officer"]), TODAY + timedelta(days=80))
    Record.objects.filter(pk=top.pk).update(owner=person("staff2"))
    top.named_rows.filter(user__username="registrar").delete()
    terms.tell_ahead(TODAY)
    people = {row.pk: sorted(Notice.objects.filter(record=row).values_list("person__username", flat=True)) for row in (listed, hidden, top)}
    assert people[listed.pk] == ["archivist", "archivist2", "registrar", "staff"]  # staff may know, not decide
    assert people[hidden.pk] == ["archivist", "archivist2", "registrar"]
    assert people[top.pk] == ["manager", "officer"]
    assert not any(row.title in str([notice.subject, notice.details]) for row in (listed, hidden, top) for notice in Notice.objects.all())


def test_what_somebody_let_go_reminds_nobody():  # SEC-14
    record = ends(filed(**secret("secret"), owner="head"), TODAY + timedelta(days=80))
    terms.let_term_end(actor=person("head"), record_id=record.pk, today=TODAY)
    assert terms.decisions([fresh(record)])[record.pk].let_go_by == person("head")
    with pytest.raises(errors.Conflict):
        terms.let_term_end(actor=person("archivist"), record_id=record.pk, today=TODAY)
    terms.tell_ahead(TODAY)
    terms.tell_ahead(TODAY + timedelta(days=60))
    assert not Notice.objects.exists()
    assert AuditEvent.objects.filter(action="let-go", record_id=record.pk).exists()


def test_only_a_term_that_ends_soon_is_let_go_and_only_by_those_who_may_prolong():
    far, soon = filed(**secret("secret")), ends(filed(**secret("secret")), TODAY + timedelta(days=9))
    with pytest.raises(errors.Conflict):
        terms.let_term_end(actor=person("archivist"), record_id=far.pk, today=TODAY)
    with pytest.raises(errors.NotAllowed):
        terms.let_term_end(actor=person("head"), record_id=soon.pk, today=TODAY)
    with pytest.raises(errors.Invalid):
        terms.let_term_end(actor=person("archivist"), record_id=soon.pk, today=TODAY, reason="长" * 501)
    with pytest.raises(errors.Unknown):
        terms.let_term_end(actor=person("staff2"), record_id=soon.pk, today=TODAY)


def test_the_list_of_what_ends_soon_holds_what_one_reads():  # SEC-5, SEC-14
    mine = ends(filed(**secret("secret"), owner="head"), TODAY + timedelta(days=9))
    other = ends(filed(**secret("secret")), TODAY + timedelta(days=3))
    filed(**secret("secret"))
    assert list(terms.ending(person("archivist"), TODAY)) == [other, mine]
    assert list(terms.ending(person("head"), TODAY)) == [mine]
    assert not terms.ending(person("staff"), TODAY).exists()


# --- together -------------------------------------------------------------------------------------------------------


def test_a_volume_carries_the_highest_tier_and_longest_term_of_what_one_may_know_of():  # SEC-13, SEC-5
    place, archivist = factories.volume(), person("archivist")

    def carried(who):
        return {pk: found.mark for pk, found in volumes.together(person(who), volumes.known_to(person(who))).items()}

    given = {"record_class": "DK", "volume": place.pk}
    assert carried("archivist") == {}
    registered(**given)
    assert carried("archivist") == {place.pk: "内部"}
    registered(**given, **secret("secret"))
    registered(**given, **secret("confidential"), tier_until="P2Y")  # added later
    assert carried("archivist") == {place.pk: "机密★10年"}
    registered("registrar", **given, **secret("top-secret"))
    assert carried("archivist") == {place.pk: "机密★10年"}
    assert carried("registrar") == {place.pk: "绝密★30年"}
    gone = registered(**given, **secret("confidential"))
    changing.withdraw(actor=archivist, record_id=gone.pk, reason="x")
    assert carried("archivist") == {place.pk: "机密★10年"}


# --- a property -----------------------------------------------------------------------------------------------------

ACTS = st.one_of(
    st.tuples(
        st.just("propose"),
        st.sampled_from(["archivist", "archivist2", "head", "officer"]),
        st.sampled_from(["public", "internal", "secret", "confidential", "top-secret"]),
        st.sampled_from([None, "P1M", "P2Y", "P30Y"]),
        st.sampled_from(["", " ", "x"]),
    ),
    st.tuples(st.just("event"), st.sampled_from(["archivist", "archivist2", "head"])),
    st.tuples(st.just("decide"), st.sampled_from(["archivist", "archivist2", "head", "registrar"]), st.sampled_from(["accept", "reject"])),
    st.tuples(st.just("run"), st.integers(0, 400)),
)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=st.lists(ACTS, min_size=4, max_size=14))
def test_nothing_is_ever_secret_without_reason_and_term_nor_by_one_person(a_record, acts):  # SEC-3, SEC-14, SEC-15
    with transaction.atomic():
        for act in acts:
            with suppress(errors.RecordsError):
                _do(a_record, *act)
            _holds(a_record)
        transaction.set_rollback(True)


@pytest.fixture
def a_record():
    grant(RecordClass.objects.get(code="HT"), "@administration")
    User.objects.filter(username="head").update(clearance=Tier.objects.get(slug="confidential"))
    return registered(**secret("secret"), tier_event="项目公开后", owner="head", tier_until="P1Y")


def _do(record, name, *how):
    if name == "propose":
        who, tier, until, reason = how
        propose(record, who, tier=tier, until=until, reason=reason)
    elif name == "event":
        secrecy.declassify_on_event(actor=person(how[0]), record_id=record.pk, reason="x")
    elif name == "decide":
        change = TierChange.objects.filter(record=record).first()
        if change:
            decide(change, *how, reason="x")
    else:
        dict(daily.run(TODAY + timedelta(days=how[0])))


def _holds(record):
    now = fresh(record)
    if now.tier.needs_reason:
        assert now.tier_reason.strip()
        assert now.tier_from
        assert now.tier_until
    else:
        assert (now.tier_until, now.tier_from, now.tier_event) == (None, None, "")
    for change in TierChange.objects.filter(record=record):
        assert change.decided_by_id != change.proposed_by_id
        assert (change.state in ("accepted", "rejected")) == bool(change.decided_by_id)
