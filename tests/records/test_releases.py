"""Releases to outside: two votes of the committee before anything leaves, and a register of it (SEC-11)."""

import itertools
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone, translation

from records import leaks, releases, reminders, secrecy
from records.errors import Conflict, Frozen, Invalid, NotAllowed, NotYourTurn, ReasonMissing, StateConflict, Unknown
from records.models import AuditEvent, ChainStep, Notice, Release, ReleaseState
from tests.factories import committee, filed, person, registered, secret

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate()
ORDER = itertools.count(1)


@pytest.fixture(autouse=True)
def agreeing():
    """The committee as shipped; sentences in English."""
    committee()
    with translation.override("en"):
        yield


def ask(record, *more, who="archivist", **given):
    values = {
        "organisation": "市审计局",
        "recipient": "陈科长",
        "purpose": f"第 {next(ORDER)} 次审计",
        "basis": "审计法第三十四条",
        "form": "paper",
    }
    values |= {"until": str(TODAY + timedelta(days=9))} | given
    return releases.request(actor=person(who), record_ids=[record.pk, *(each.pk for each in more)], **values)


def vote(release, who, decision="approve", reason=""):
    return releases.decide(actor=person(who), release_id=release.pk, decision=decision, reason=reason)


def agreed(record, **given):
    release = ask(record, **given)
    vote(release, "officer")
    return vote(release, "manager")


def given_out(record, **given):
    return releases.give(actor=person("archivist2"), release_id=agreed(record, **given).pk, note="盖骑缝章")


def told(kind):
    return set(Notice.objects.filter(kind=kind).values_list("person__username", flat=True))


VERBS = {
    "approve": lambda it: (vote(it, "officer"), vote(it, "manager")),
    "reject": lambda it: vote(it, "officer", "reject", "范围过大"),
    "give": lambda it: releases.give(actor=person("archivist2"), release_id=it.pk),
    "return": lambda it: releases.give_back(actor=person("archivist2"), release_id=it.pk),
    "close": lambda it: releases.close(actor=person("archivist2"), release_id=it.pk, reason="长期留存"),
    "cancel": lambda it: releases.cancel(actor=person("archivist"), release_id=it.pk),
}


@pytest.mark.parametrize("verb", sorted(VERBS))
def test_the_table_is_the_law(verb):
    assert set(VERBS) == set(releases.TABLE)
    record = filed()
    for state in ReleaseState.values:
        release = ask(record)
        Release.objects.filter(pk=release.pk).update(state=state, given_by=person("archivist2"))
        to = releases.TABLE[verb].get(state)
        if to is None:
            with pytest.raises(StateConflict):
                VERBS[verb](release)
        else:
            VERBS[verb](release)
        assert Release.objects.get(pk=release.pk).state == (to or state)


def test_the_database_knows_the_states_too():
    release = ask(filed())
    for wrong in ({"state": "forgotten"}, {"state": "given"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Release.objects.filter(pk=release.pk).update(**wrong)


def test_two_members_agree_before_anything_is_given():
    release = ask(filed())
    assert vote(release, "officer").state == ReleaseState.REQUESTED
    with pytest.raises(NotYourTurn):
        vote(release, "officer")
    with pytest.raises(StateConflict):
        releases.give(actor=person("archivist2"), release_id=release.pk)
    assert vote(release, "legal").state == ReleaseState.APPROVED
    out = releases.give(actor=person("archivist2"), release_id=release.pk, note="盖骑缝章")
    assert (out.state, out.given_by.username, out.note) == (ReleaseState.GIVEN, "archivist2", "盖骑缝章")
    back = releases.give_back(actor=person("archivist"), release_id=release.pk, note="完好")
    assert (back.state, back.ended_by.username) == (ReleaseState.RETURNED, "archivist")


def test_who_asks_does_not_vote():  # SEC-15
    release = ask(filed(), who="legal")
    with pytest.raises(NotYourTurn):
        vote(release, "legal")


def test_who_is_not_of_the_committee_does_not_vote():
    release = ask(filed())
    with pytest.raises(NotYourTurn):
        vote(release, "archivist2")  # keeps the register, and so knows of it
    with pytest.raises(Unknown):
        vote(release, "staff")


def test_each_step_tells_whom_it_concerns():  # PRT-8
    release = ask(filed(), who="legal")
    assert told("release-requested") == {"officer", "manager"}
    vote(release, "officer")
    vote(release, "manager")
    assert told("release-approved") == {"legal", "archivist", "archivist2", "registrar"}
    releases.give(actor=person("archivist"), release_id=release.pk)
    releases.give_back(actor=person("archivist"), release_id=release.pk)
    assert (told("release-given"), told("release-returned")) == ({"legal"}, {"legal"})
    vote(ask(filed(), who="legal"), "officer", "reject", "范围过大")
    assert told("release-rejected") == {"legal"}


def test_it_is_in_the_history_of_each_record_and_names_no_title():
    one, other = filed(title="不可外传的题名"), filed()
    release = ask(one, other)
    events = AuditEvent.objects.filter(action="request-release", subject=release.number)
    assert {event.record_id for event in events} == {one.pk, other.pk}
    assert "不可外传" not in str(list(events.values())) + str(list(Notice.objects.values()))


def test_only_what_one_reads_and_has_a_duty_for():
    closed, owned = filed(**secret("secret")), filed(owner="head")
    with pytest.raises(NotAllowed):
        ask(closed, who="staff")  # listed only
    with pytest.raises(NotAllowed):
        ask(owned, who="staff")  # reads it, neither archivist, legal nor owner
    with pytest.raises(Unknown):
        ask(owned, who="staff2")
    with pytest.raises(Unknown):
        ask(owned, closed, who="auditor")
    assert ask(owned, who="head").requester.username == "head"


def test_among_several_the_hidden_one_decides_the_answer():  # interface.md, errors: 404 before 403
    hidden = filed("registrar", "officer", **secret("top-secret"), named=["officer"])
    with pytest.raises(Unknown):
        ask(filed(**secret("confidential")), hidden, who="head")


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"organisation": " "}, "organisation"),
        ({"recipient": ""}, "recipient"),
        ({"purpose": ""}, "purpose"),
        ({"basis": ""}, "basis"),
        ({"basis": "x" * 501}, "basis"),
        ({"form": "fax"}, "form"),
        ({"until": "2020-01-01"}, "until"),
        ({"until": "morgen"}, "until"),
    ],
)
def test_bad_input_is_refused_by_field(given, field):
    with pytest.raises(Invalid) as refused:
        ask(filed(), **given)
    assert list(refused.value.errors) == [field]
    assert not Release.objects.exists()


def test_no_record_is_no_release():
    with pytest.raises(Invalid):
        releases.request(
            actor=person("archivist"), record_ids=[], organisation="a", recipient="b", purpose="c", basis="d", form="paper", until=None
        )


def test_what_is_not_filed_or_frozen_is_not_given():  # SEC-10
    with pytest.raises(StateConflict):
        ask(registered())
    record = filed()
    waiting, ready = ask(record), agreed(record)
    leaks.report(actor=person("staff"), record_id=record.pk, what="x")
    for act in (
        lambda: ask(record),
        lambda: vote(waiting, "officer"),
        lambda: releases.give(actor=person("archivist"), release_id=ready.pk),
    ):
        with pytest.raises(Frozen):
            act()


def test_what_waits_already_is_not_asked_for_twice():  # a form that is sent twice, two tabs, the back button
    one, other = filed(), filed()
    waits = ask(one, other, purpose="年度审计")
    with pytest.raises(Conflict, match=waits.number):
        ask(other, one, purpose="年度审计")
    assert [ask(one, purpose="年度审计").state, ask(one, other, purpose="专项审计").state] == ["requested"] * 2
    assert ask(one, other, purpose="年度审计", form="digital").state == "requested"
    vote(waits, "officer", "reject", "范围过大")
    assert ask(one, other, purpose="年度审计").state == "requested"


def test_what_was_raised_since_is_asked_for_anew():  # SEC-11: the committee agreed to a lower tier
    record = filed()
    ready, waiting = agreed(record), ask(record)
    change = secrecy.propose_tier(actor=person("archivist"), record_id=record.pk, tier="confidential", reason="范围扩大")
    secrecy.decide_tier(actor=person("archivist2"), change_id=change.pk, decision="accept")
    with pytest.raises(Conflict, match="raised"):
        releases.give(actor=person("archivist"), release_id=ready.pk)
    with pytest.raises(Conflict, match="raised"):
        vote(waiting, "officer")
    vote(waiting, "officer", "reject", "密级已提高")
    releases.cancel(actor=person("archivist"), release_id=ready.pk)
    assert given_out(record).state == "given"


def test_without_a_committee_nothing_is_given():
    ChainStep.objects.all().delete()
    with pytest.raises(Conflict, match="committee"):
        ask(filed())


def test_past_its_day_it_is_asked_for_anew_and_what_is_out_is_overdue():
    release, out = agreed(filed()), given_out(filed())
    Release.objects.update(until=TODAY - timedelta(days=1))
    with pytest.raises(Conflict, match="anew"):
        releases.give(actor=person("archivist"), release_id=release.pk)
    assert Release.objects.get(pk=out.pk).overdue


def test_for_good_is_closed_with_a_reason():
    out = given_out(filed(), until=None)
    with pytest.raises(ReasonMissing):
        releases.close(actor=person("archivist"), release_id=out.pk, reason=" ")
    assert releases.close(actor=person("archivist"), release_id=out.pk, reason="长期留存").state == ReleaseState.CLOSED
    assert not Release.objects.get(pk=out.pk).overdue


def test_taking_it_back_ends_the_vote():
    release = ask(filed(), who="legal")
    with pytest.raises(ReasonMissing):
        releases.cancel(actor=person("archivist"), release_id=release.pk)
    assert releases.cancel(actor=person("legal"), release_id=release.pk).state == ReleaseState.CANCELLED
    assert not releases.waiting_for(person("officer")).exists()


def test_only_archivists_give_out_and_take_in():
    release = agreed(filed(), who="legal")
    for act in (releases.give, releases.give_back):
        with pytest.raises(NotAllowed):
            act(actor=person("legal"), release_id=release.pk)
    with pytest.raises(NotAllowed):
        releases.close(actor=person("manager"), release_id=release.pk, reason="x")


def test_the_register_shows_what_its_keeper_may_know_of():  # SEC-5
    release = ask(filed())
    known = {who for who in ("staff", "archivist2", "legal2", "manager", "officer", "auditor") if releases.known_to(person(who)).exists()}
    assert known == {"archivist2", "legal2", "manager", "officer"}
    vote(release, "manager")
    vote(release, "legal")
    assert not releases.known_to(person("officer")).exists()  # it waits for him no more, and he is no reader of the class


def test_a_release_with_one_hidden_record_is_in_nobodys_register():
    top = filed("registrar", "officer", **secret("top-secret"), named=["officer", "registrar"])
    ask(filed(), top, who="registrar")
    assert not releases.known_to(person("archivist2")).exists()
    assert releases.known_to(person("registrar")).exists()


def test_numbers_have_no_gap():
    record = filed()
    with pytest.raises(Invalid):
        ask(record, form="fax")
    assert [ask(record).number[-4:] for _each in range(2)] == ["0001", "0002"]


# --- afterwards -----------------------------------------------------------------------------------------------------


def test_what_should_be_back_is_called_for_every_few_days(monkeypatch, settings):
    """SEC-11: who asked for it and who gave it; not before its day, not after it is back, nobody twice a day."""
    given, start = given_out(filed()), timezone.now()
    assert settings.MUNIMENT_REMIND_OVERDUE_DAYS == 3

    def called(day):
        Notice.objects.all().delete()
        monkeypatch.setattr(timezone, "now", lambda: start + timedelta(days=day))
        reminders.remind()
        return told("release-overdue")

    both = {"archivist", "archivist2"}
    assert [called(day) for day in (9, 10)] == [set(), both]
    reminders.remind()
    assert Notice.objects.filter(kind="release-overdue").count() == 2
    VERBS["return"](given)
    assert called(20) == set()


def test_numbers_of_hidden_records_run_apart():
    """NUM-2, SEC-5: a gap would tell of them."""
    hidden = filed("registrar", "officer", **secret("top-secret"), named=["registrar", "officer"])
    numbers = [ask(record, who=who).number for record, who in ((filed(), "archivist"), (hidden, "registrar"), (filed(), "archivist"))]
    year = TODAY.year
    assert numbers == [f"WT-{year}-0001", f"绝WT-{year}-0001", f"WT-{year}-0002"]
