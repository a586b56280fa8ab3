"""Copies on paper as the desk shows them: state, and what the person may do with each; nothing is decided here."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.desk import rows
from portal.desk.lent import Act
from records import copies, picking
from records.models import CopyState, Loan, LoanCopy, User

CHIPS = {"out": "good", "destroying": "wait", "lost": "bad"}
# verb as `copies.may` names it, name of the URL, word
ACTS: list[tuple[str, str, str | Promise]] = [
    ("witness", "copy-witness", gettext_lazy("Confirm as witness")),
    ("return", "copy-return", gettext_lazy("Take in")),
    ("print", "copy-print", gettext_lazy("Print with stamp")),
    ("destroy", "copy-destroy", gettext_lazy("Destroy")),
    ("report_loss", "copy-report-loss", gettext_lazy("Report a loss")),
]
DANGEROUS = frozenset({"destroy", "report_loss"})


@dataclass
class Held:
    """One copy as lists draw it. `url` is empty where the person may not open the record's page."""

    copy: LoanCopy
    loan: Loan
    mark: str
    url: str
    chip: str
    word: str
    last_day: date
    titled: bool
    acts: list[Act] = field(default_factory=list)


def rows_of(found: Sequence[LoanCopy], user: User) -> list[Held]:
    """All of a list at once, by a fixed number of queries."""
    known = picking.known_among(user, (copy.loan.record_id for copy in found))
    return [_row(copy, user, known=copy.loan.record_id in known) for copy in found]


def _row(copy: LoanCopy, user: User, *, known: bool) -> Held:
    record = copy.loan.record
    chip, word = ("bad", _("overdue")) if copy.overdue else (CHIPS.get(copy.state, ""), str(CopyState(copy.state).label))
    url = reverse("desk:record", args=[record.pk]) if known else ""
    may = copies.may(user, copy)
    acts = [
        Act(str(label), reverse(f"desk:{name}", args=[copy.pk]), primary=verb == "witness", danger=verb in DANGEROUS)
        for verb, name, label in ACTS
        if verb in may
    ]
    return Held(copy, copy.loan, rows.secret_mark(record), url, chip, word, last_day(copy), known or copy.going_on, acts)


def last_day(copy: LoanCopy) -> date:
    """The last day on which it may be kept."""
    return timezone.localtime(copy.due - timedelta(seconds=1)).date()
