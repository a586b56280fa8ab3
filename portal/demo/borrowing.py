"""The demo's loans: one at least in every state, made by the verbs and then moved back in time; the overdue one is `staff2`'s."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import F
from django.utils import timezone

from records import access, approvals, counter, lending, loan_ends
from records.models import Loan, Record, State, User

WEEK = 7


@dataclass(frozen=True)
class Wish:
    """One loan: of a record of the tier that the borrower may know of, asked for `days`, and what became of it.

    `ago`: so many days before today it was asked for. `out`: of an original that somebody else has, so that there is a queue.
    """

    borrower: str
    tier: str
    use: str
    purpose: str
    then: tuple[str, ...] = ()
    days: int = WEEK
    ago: int = 0
    copies: int | None = None
    out: bool = False


WISHES = (
    Wish("staff", "secret", "view", "核对付款节点，准备客户对账"),
    Wish("staff", "confidential", "view", "续签谈判前了解原约定", ("approve",)),
    Wish("staff", "secret", "view", "项目结算资料核对", ("approve", "approve"), ago=1),
    Wish("staff", "secret", "download", "诉讼证据整理", ("approve",), days=14, ago=2),
    Wish("staff", "internal", "original", "银行面签需出示原件", ("approve",)),
    Wish("legal", "internal", "original", "开庭质证需要原件", ("approve", "issue", "confirm"), days=10, ago=3),
    Wish("staff2", "public", "original", "工程例会核对施工管理规定", ("approve", "issue", "confirm"), ago=12),
    Wish("legal2", "internal", "copy", "仲裁立案提交副本", ("approve", "issue", "confirm"), copies=2, ago=4),
    Wish("legal2", "internal", "original", "财务核对票据", ("approve",), out=True, days=20),
    Wish("legal", "internal", "original", "评估机构现场核验", ("approve", "issue", "confirm", "return", "confirm"), ago=20),
    Wish("legal2", "internal", "original", "公证处核验原件", ("approve", "issue", "damaged"), ago=25),
    Wish("staff", "secret", "copy", "客户索要合同副本", ("reject",), copies=1, ago=6),
    Wish("staff", "internal", "original", "客户来访备查", ("cancel",), ago=5),
    Wish("staff", "secret", "view", "上季度回款复核", ("approve",), ago=30),
    Wish("staff", "confidential", "view", "投标资料准备", ("approve", "approve", "recall"), ago=3),
    Wish("legal2", "internal", "original", "外地项目部借用", ("approve", "issue", "lose"), ago=40),
)


def load(say: Callable[[str], None]) -> None:
    """Make what is missing; a wish for which no record is there is left out."""
    if Loan.objects.exists():
        return
    people = {user.username: user for user in User.objects.all()}
    made = [loan for wish in WISHES if (loan := _make(wish, people))]
    loan_ends.expire_due()
    say(f"loans: {len(made)}")


def _make(wish: Wish, people: dict[str, User]) -> Loan | None:
    borrower = people[wish.borrower]
    record = _record(borrower, wish)
    if record is None:
        return None
    until = timezone.localdate() + timedelta(days=wish.days)
    given = {"use": wish.use, "purpose": wish.purpose, "until": until, "copies": wish.copies}
    loan = lending.request(actor=borrower, record_id=record.pk, **given)
    for step in wish.then:
        STEPS[step](loan, people)
        loan.refresh_from_db()
    _move_back(loan, timedelta(days=wish.ago))
    return loan


def _record(borrower: User, wish: Wish) -> Record | None:
    known = access.visible_to(borrower).filter(tier__slug=wish.tier, state=State.FILED)
    known = known.filter(loans__use="original", loans__state="active") if wish.out else known.filter(loans=None)
    return known.order_by("number").first()


def _move_back(loan: Loan, by: timedelta) -> None:
    times = ("asked_at", "since", "until", "issued_at", "issue_confirmed_at", "returned_at", "return_confirmed_at")
    Loan.objects.filter(pk=loan.pk).update(**{name: getattr(loan, name) - by for name in times if getattr(loan, name)})
    loan.issued_copies.update(due=F("due") - by, issued_at=F("issued_at") - by)
    if loan.approval:
        loan.approval.steps.filter(decided_at__isnull=False).update(decided_at=F("decided_at") - by)


# --- what became of it ----------------------------------------------------------------------------------------------


def _decide(loan: Loan, decision: str, reason: str = "") -> None:
    turn = approvals.turn_of(loan.approval) if loan.approval else None
    if turn:
        lending.decide(actor=turn.people[0], loan_id=loan.pk, decision=decision, reason=reason)


def _issue(loan: Loan, people: dict[str, User]) -> None:
    counter.issue(actor=people["archivist"], loan_id=loan.pk, copies=loan.copies or 1, pages=12, condition="完好")


def _back(loan: Loan, people: dict[str, User], pages: int = 12, damage: str = "") -> None:
    words = {"condition": "缺页" if damage else "完好", "damage": damage, "place": "总部/A库/03柜/2层"}
    counter.give_back(actor=people["archivist2"], loan_id=loan.pk, copies=loan.copies or 1, pages=pages, **words)


STEPS: dict[str, Callable[[Loan, dict[str, User]], object]] = {
    "approve": lambda loan, _people: _decide(loan, "approve"),
    "reject": lambda loan, _people: _decide(loan, "reject", "请改为在线查阅，副本不外送"),
    "cancel": lambda loan, _people: lending.cancel(actor=loan.borrower, loan_id=loan.pk, reason="客户改期"),
    "issue": _issue,
    "confirm": lambda loan, _people: counter.confirm(actor=loan.borrower, loan_id=loan.pk),
    "return": _back,
    "damaged": lambda loan, people: _back(loan, people, 11, "第7页遗失，借阅人书面说明"),
    "recall": lambda loan, people: lending.recall(actor=people["archivist"], loan_id=loan.pk, reason="合同进入审计"),
    "lose": lambda loan, people: lending.report_loss(actor=people["archivist"], loan_id=loan.pk, reason="运输途中遗失，正在追查"),
}
