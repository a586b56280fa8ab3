"""Who holds which duty now, and who stands in for whom: read once, so that a list of open steps takes a fixed number of queries."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils import timezone

from records.models import Approver, Deputy, Duty, StepRule, User

DUTIES = {  # by which a step is taken; of heads those of one department
    Approver.ARCHIVIST: Duty.ARCHIVIST,
    Approver.MANAGER: Duty.MANAGER,
    Approver.OFFICER: Duty.OFFICER,
    Approver.HEAD: Duty.HEAD,
    Approver.OWNERS_HEAD: Duty.HEAD,
}


@dataclass(frozen=True)
class Request:
    """What decides who takes a step: who asks, whose record it is, who took earlier steps."""

    asker: User
    owner: User | None
    department_id: int | None
    taken_by: frozenset[UUID]


class Office:
    """The people of the organisation as they are now. Only active people appear."""

    def __init__(self, at: datetime | None = None) -> None:
        self.at = at or timezone.now()
        self.people = {user.pk: user for user in User.objects.filter(is_active=True).prefetch_related("duty_rows", "groups")}
        self._holders: dict[str, list[User]] = defaultdict(list)  # by duty
        self._members: dict[int, list[User]] = defaultdict(list)  # by committee
        for user in self.people.values():
            for held in user.duty_rows.all():
                self._holders[held.duty].append(user)
            for group in user.groups.all():
                self._members[group.pk].append(user)
        self._stand_ins: dict[UUID, list[User]] = defaultdict(list)
        for row in Deputy.objects.filter(since__lte=self.at, until__gt=self.at):
            if deputy := self.people.get(row.deputy_id):
                self._stand_ins[row.person_id].append(deputy)

    def takers(self, step: StepRule, request: Request) -> list[User]:
        """Whose turn it is: never the asker, nor who took an earlier step.

        Where nobody is left it is the general manager's, and for his own request the security officer's (interface.md, Loans).
        """
        wanted = self._asked_for(step, request), self._holders[Duty.MANAGER], self._holders[Duty.OFFICER]
        return next((free for people in wanted if (free := self._free(people, request))), [])

    def stand_ins(self, takers: Iterable[User], request: Request) -> dict[User, User]:
        """Deputies who may act now, each with the person in whose place; never the asker, nor who took a step."""
        pairs = ((deputy, person) for person in takers for deputy in self._stand_ins[person.pk])
        return {deputy: person for deputy, person in pairs if self._free([deputy], request)}

    def _asked_for(self, step: StepRule, request: Request) -> list[User]:
        match step.approver:
            case Approver.HEAD:
                return self._heads(request.asker.department_id)
            case Approver.OWNERS_HEAD:
                return self._heads(request.department_id)
            case Approver.OWNER:
                return [self.people[request.owner.pk]] if request.owner and request.owner.pk in self.people else []
            case Approver.PERSON:
                return [self.people[step.person_id]] if step.person_id in self.people else []
            case Approver.COMMITTEE:
                return self._members[step.committee_id] if step.committee_id else []
        return self._holders[DUTIES[Approver(step.approver)]]

    def _heads(self, department_id: int | None) -> list[User]:
        return [user for user in self._holders[Duty.HEAD] if department_id and user.department_id == department_id]

    @staticmethod
    def _free(people: Iterable[User], request: Request) -> list[User]:
        return [user for user in people if user.pk != request.asker.pk and user.pk not in request.taken_by]
