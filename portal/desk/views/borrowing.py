"""Acts on loans, each a page of its own: ask, take back, prolong, issue, take in, recall, report a loss (LND-1, LND-5, LND-8, LND-11)."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from portal.desk import acting, lent
from portal.desk.acting import Act, Errors, reason_input
from portal.desk.inputs import Input
from records import access, counter, joint_loans, lending, places
from records.errors import Conflict, NotAllowed
from records.models import Duty, Loan, LoanState, Record, Use, User

ask_or_do = require_http_methods(["GET", "HEAD", "POST"])
Data = Mapping[str, str]
WEEK = timedelta(days=7)  # offered as the period


# --- asking ---------------------------------------------------------------------------------------------------------


@ask_or_do
def borrow(request: HttpRequest, record_id: UUID) -> HttpResponse:
    """Ask for the use of a record that one may know of (LND-1)."""
    user: User = request.user  # type: ignore[assignment]
    record = access.get_visible(user, record_id)
    uses = lending.uses(user, record)
    if not uses and request.method != "POST":
        raise Conflict(_("There is nothing of this record that you would have to borrow."))

    def draw(_record: Record, data: Data, errors: Errors) -> Act:
        detail = _("Who approves it follows from the tier and the use. What is approved closes by itself after its last day.")
        return Act(_("Borrow"), _("Ask for it"), questions(user, uses, data, errors), detail=detail)

    return acting.ask_or_do(request, record, draw=draw, do=lambda actor: _asked(actor, record, request.POST), done=reverse("desk:loans"))


def questions(user: User, uses: list[str], data: Data, errors: Errors) -> list[Input]:
    """What somebody who borrows is asked."""
    labels = dict(Use.choices)
    fields = [
        Input(
            _("Use"), "use", "select", data.get("use", ""), True, options=[(use, labels[use]) for use in uses], errors=_at(errors, "use")
        ),
        _last_day(data, errors),
        Input(_("Purpose"), "purpose", "long", data.get("purpose", ""), True, half=False, errors=_at(errors, "purpose")),
    ]
    if Use.COPY in uses:
        fields.append(_number(_("Copies"), "copies", data, errors, hint=_("Only for a copy: how many.")))
    if user.has_duty(Duty.ARCHIVIST):
        hint = _("The username or name of somebody else; empty: yourself.")
        fields.append(Input(_("Borrower"), "borrower", value=data.get("borrower", ""), hint=hint, errors=_at(errors, "borrower")))
    return fields


def _last_day(data: Data, errors: Errors) -> Input:
    offered = (timezone.localdate() + WEEK).isoformat()
    hint = _("The last day of use. An original beyond today is taken along, if the approvers agree.")
    return Input(_("Until"), "until", "date", data.get("until", offered), True, errors=_at(errors, "until"), hint=hint)


def _number(label: str, name: str, data: Data, errors: Errors, *, value: int | None = None, hint: str = "") -> Input:
    typed = data.get(name, str(value or ""))
    return Input(label, name, "number", typed, required=not hint, errors=_at(errors, name), hint=hint)


def _at(errors: Errors, name: str) -> list[str]:
    return list(errors.get(name, []))


def _asked(actor: User, record: Record, data: Data) -> str:
    made = joint_loans.request_all(actor=actor, record_ids=[record.pk], also=joint_loans.need_new, **answers(data))
    return _outcome(made[0])


def answers(data: Data) -> dict[str, Any]:
    """What was answered to `questions`, as the verbs take it."""
    use = data.get("use", "")
    return {
        "use": use,
        "purpose": data.get("purpose", ""),
        "until": data.get("until", "").strip(),
        "copies": _count(data, "copies") if use == Use.COPY else None,
        "borrower": data.get("borrower", "").strip() or None,
    }


def _count(data: Data, name: str) -> int:
    """A number as typed; 0 for what is none, which the verbs refuse in words."""
    typed = data.get(name, "").strip()
    return int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < 7 else 0


def _outcome(loan: Loan) -> str:
    """What follows now, in words."""
    told = {"number": loan.number, "day": lent.last_day(loan).isoformat()}
    if loan.state == LoanState.ACTIVE:
        return _("%(number)s: it is open until %(day)s.") % told
    if loan.state == LoanState.APPROVED:
        return _("%(number)s is approved: the archive hands it over at the counter.") % told
    return _("%(number)s is asked for. It waits for: %(people)s.") % {**told, "people": lent.waits_for(loan)}


# --- acts on a loan -------------------------------------------------------------------------------------------------

Ask = Callable[[Loan, Data, Errors], Act]
Perform = Callable[[User, Loan, Data], str]


def _carry_out(request: HttpRequest, loan_id: UUID, *, ask: Ask, perform: Perform, may: Callable[[User, Loan], bool]) -> HttpResponse:
    """Ask, and by POST do it. Raises Unknown for loans that the person may not know of, NotAllowed for acts of others."""
    user: User = request.user  # type: ignore[assignment]
    loan = lending.get(user, loan_id)
    if not may(user, loan):
        raise NotAllowed
    done = reverse("desk:loans" if _own(user, loan) or not _archivist(user, loan) else "desk:loans-counter")

    def draw(_record: Record, data: Data, errors: Errors) -> Act:
        act = ask(loan, data, errors)
        act.back = done
        return act

    record = lent.named(loan, loan.record, user)
    return acting.ask_or_do(request, record, draw=draw, do=lambda actor: perform(actor, loan, request.POST), done=done)


def _own(user: User, loan: Loan) -> bool:
    return user.pk == loan.borrower_id


def _archivist(user: User, _loan: Loan) -> bool:
    return user.has_duty(Duty.ARCHIVIST)


@ask_or_do
def cancel(request: HttpRequest, loan_id: UUID) -> HttpResponse:
    """Take a request back, or give up what was approved."""
    user: User = request.user  # type: ignore[assignment]

    def ask(loan: Loan, data: Data, errors: Errors) -> Act:
        asked_it = user.pk in (loan.borrower_id, loan.asked_by_id)
        return Act(_line(_("Take back the request"), loan), _("Take back"), [reason_input(data, errors, required=not asked_it)])

    def perform(actor: User, loan: Loan, data: Data) -> str:
        lending.cancel(actor=actor, loan_id=loan.pk, reason=data.get("reason", ""))
        return _("%(number)s is taken back.") % {"number": loan.number}

    return _carry_out(
        request,
        loan_id,
        ask=ask,
        perform=perform,
        may=lambda who, loan: who.pk in (loan.borrower_id, loan.asked_by_id) or _archivist(who, loan),
    )


def _line(title: str, loan: Loan) -> str:
    return f"{title} {loan.number}"


@ask_or_do
def extend(request: HttpRequest, loan_id: UUID) -> HttpResponse:
    """Ask for more time: a new request that goes through the chain anew (LND-8)."""

    def ask(loan: Loan, data: Data, errors: Errors) -> Act:
        reason = {"reason": [*errors.get("reason", []), *errors.get("purpose", [])]}
        fields = [_last_day(data, errors), reason_input(data, reason)]
        return Act(_line(_("Prolong"), loan), _("Ask for it"), fields, detail=_("This is a new request and is approved anew."))

    def perform(actor: User, loan: Loan, data: Data) -> str:
        longer = lending.extend(actor=actor, loan_id=loan.pk, until=data.get("until", "").strip(), reason=data.get("reason", ""))
        return _outcome(longer)

    return _carry_out(request, loan_id, ask=ask, perform=perform, may=_own)


@ask_or_do
def recall(request: HttpRequest, loan_id: UUID) -> HttpResponse:
    """Call back what is lent; what was open closes at once."""

    def ask(loan: Loan, data: Data, errors: Errors) -> Act:
        return Act(_line(_("Recall"), loan), _("Recall"), [reason_input(data, errors)], detail=_whose(loan))

    def perform(actor: User, loan: Loan, data: Data) -> str:
        lending.recall(actor=actor, loan_id=loan.pk, reason=data.get("reason", ""))
        return _("%(number)s is recalled.") % {"number": loan.number}

    return _carry_out(request, loan_id, ask=ask, perform=perform, may=_may_recall)


def _may_recall(user: User, loan: Loan) -> bool:
    return user.has_duty(Duty.ARCHIVIST, Duty.OFFICER) or user.pk == loan.record.owner_id


def _whose(loan: Loan) -> str:
    told = {"who": loan.borrower, "use": loan.get_use_display(), "day": lent.last_day(loan).isoformat()}
    return _("%(who)s: %(use)s until %(day)s.") % told


@ask_or_do
def report_loss(request: HttpRequest, loan_id: UUID) -> HttpResponse:
    """Paper cannot be found (LND-8)."""

    def ask(loan: Loan, data: Data, errors: Errors) -> Act:
        fields = [reason_input(data, errors, hint=_("What is known: when it was last seen, and where."))]
        return Act(
            _line(_("Report a loss"), loan), _("Report it lost"), fields, warning=_("It is written down as an incident."), danger=True
        )

    def perform(actor: User, loan: Loan, data: Data) -> str:
        lending.report_loss(actor=actor, loan_id=loan.pk, reason=data.get("reason", ""))
        return _("%(number)s is reported lost.") % {"number": loan.number}

    return _carry_out(request, loan_id, ask=ask, perform=perform, may=lambda who, loan: _own(who, loan) or _archivist(who, loan))


# --- the counter ----------------------------------------------------------------------------------------------------


@ask_or_do
def issue(request: HttpRequest, loan_id: UUID) -> HttpResponse:
    """Hand paper over, counted (LND-5, LND-11)."""

    def ask(loan: Loan, data: Data, errors: Errors) -> Act:
        fields = [*_counts(data, errors, copies=loan.copies or 1), _words(_("Condition"), "condition", data)]
        return Act(_line(_("Issue"), loan), _("Issue"), fields, detail=_whose(loan))

    def perform(actor: User, loan: Loan, data: Data) -> str:
        counted = {"copies": _count(data, "copies"), "pages": _count(data, "pages")}
        counter.issue(actor=actor, loan_id=loan.pk, condition=data.get("condition", ""), **counted)
        return _("%(number)s is issued; the borrower confirms the count.") % {"number": loan.number}

    return _carry_out(request, loan_id, ask=ask, perform=perform, may=_archivist)


def _counts(data: Data, errors: Errors, *, copies: int | None, pages: int | None = None) -> list[Input]:
    return [_number(_("Copies"), "copies", data, errors, value=copies), _number(_("Pages of each"), "pages", data, errors, value=pages)]


def _words(label: str, name: str, data: Data, *, value: str = "", hint: str = "") -> Input:
    return Input(label, name, value=data.get(name, value), half=False, hint=hint)


@ask_or_do
def give_back(request: HttpRequest, loan_id: UUID) -> HttpResponse:
    """Paper: taken in and counted by an archivist. On the screen: closed early by the borrower."""

    def ask(loan: Loan, data: Data, errors: Errors) -> Act:
        if loan.digital:
            return Act(_line(_("Give back early"), loan), _("Give back"), detail=_("It closes at once."))
        issued = _("Issued: %(copies)s × %(pages)s pages. %(condition)s") % vars(loan)
        return Act(_line(_("Take in"), loan), _("Take in"), _return_fields(loan, data, errors), detail=f"{_whose(loan)} {issued}")

    def perform(actor: User, loan: Loan, data: Data) -> str:
        counted = {"copies": _count(data, "copies"), "pages": _count(data, "pages")}
        words = {name: data.get(name, "") for name in ("condition", "damage", "place")}
        back = counter.give_back(actor=actor, loan_id=loan.pk, **counted, **words)
        line = _("%(number)s is back, with an incident.") if back.incident else _("%(number)s is back.")
        return line % {"number": loan.number}

    return _carry_out(request, loan_id, ask=ask, perform=perform, may=lambda who, loan: (_own if loan.digital else _archivist)(who, loan))


def _return_fields(loan: Loan, data: Data, errors: Errors) -> list[Input]:
    home = places.home_of(loan.record) if loan.use == Use.ORIGINAL else ""
    return [
        *_counts(data, errors, copies=None),
        _words(_("Condition"), "condition", data),
        _words(_("Damage"), "damage", data, hint=_("Needed when fewer come back than were issued; it makes an incident.")),
        _words(_("Put back to"), "place", data, value=home, hint=_("Where it is put back: scan the label, or type the code.")),
    ]
