"""What proposals say in words, for whoever decides: of records only number or id, since the decider may not know of them (SEC-5)."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth.models import Group
from django.db.models import Field, Model
from django.utils.translation import gettext as _

from records import set_up
from records.models import Approver, Chain, Department, Duty, Grant, LoanPolicy, Proposal, Record, RecordClass, Tier, Trust, User, Volume


@dataclass
class Said:
    """One proposal: what it is, from and to, and what its decider should know; each fact is a label and a sentence."""

    proposal: Proposal
    title: str
    facts: list[tuple[str, str]] = field(default_factory=list)


def said(proposals: Iterable[Proposal]) -> list[Said]:
    """Each of these in words, by a fixed number of queries."""
    rows = list(proposals)
    words = Words(rows)
    return [Said(row, words.title(row), words.facts(row)) for row in rows]


class Words:
    """Names of all that these proposals are about, read once."""

    def __init__(self, proposals: list[Proposal]) -> None:
        payloads = [proposal.payload for proposal in proposals]
        self.by_table: dict[type[Model], dict[Any, Any]] = {
            table: {row.pk: row for row in rows}
            for table, rows in (
                (Tier, Tier.objects.all()),
                (Department, Department.objects.prefetch_related("grants__record_class", "people")),
                (Group, Group.objects.prefetch_related("grants__record_class", "user_set")),
                (RecordClass, RecordClass.objects.all()),
                (Chain, Chain.objects.prefetch_related("steps__committee", "steps__person")),
                (LoanPolicy, LoanPolicy.objects.select_related("tier")),
                (User, User.objects.filter(pk__in=_people(payloads))),
            )
        }
        self.records = _numbers(Record.objects.filter(pk__in=_keys(payloads, "record_id")))
        self.volumes = _numbers(Volume.objects.filter(pk__in=_keys(payloads, "volume_id")))

    def title(self, proposal: Proposal) -> str:
        """The kind, and whom or what it is about."""
        about = proposal.person or (self._row_name(proposal.payload) if proposal.kind == Trust.SETUP else "")
        return f"{proposal.get_kind_display()}: {about}" if about else str(proposal.get_kind_display())

    def facts(self, proposal: Proposal) -> list[tuple[str, str]]:
        """What changes, and whom it would be given to."""
        facts = [(_("Person"), _whom(proposal.person))] if proposal.person else []
        if proposal.kind == Trust.SETUP:
            return facts + self._set_up(proposal.payload)
        if proposal.kind in (Trust.GRANT, Trust.NAMED):
            return facts + self._grant(proposal.payload, bool(proposal.person))
        return facts + self._standing(proposal)

    def _standing(self, proposal: Proposal) -> list[tuple[str, str]]:
        person, value = proposal.person, str(proposal.payload.get("value", ""))
        match proposal.kind:
            case Trust.CLEARANCE:
                return [(_("Clearance"), f"{person.clearance or '–'} → {self._by_slug(Tier, value)}")]  # type: ignore[union-attr]
            case Trust.DUTY:
                return [(_("Duty"), str(dict(Duty.choices).get(value, value)))]
            case Trust.MAIL:
                return [(_("Mail address"), f"{person.email or '–'} → {value or '–'}")]  # type: ignore[union-attr]
            case Trust.DEPARTMENT:
                found = self._by_slug(Department, value)
                return [(_("Department"), f"{person.department or '–'} → {found}"), *self._opens(found)]  # type: ignore[union-attr]
            case Trust.GROUP:
                group = self.by_table[Group].get(proposal.payload["group"])
                return [(_("Group"), str(group or "–")), *self._opens(group)]
        return []

    def _by_slug(self, table: type[Model], slug: str) -> Any:
        return next((row for row in self.by_table[table].values() if row.slug == slug), slug)

    def _opens(self, of: Any) -> list[tuple[str, str]]:
        """What its members read already."""
        grants: Iterable[Grant] = of.grants.all() if isinstance(of, (Group, Department)) else []
        names = [str(grant.record_class or _("a volume or a record")) for grant in grants]
        return [(_("Reads"), ", ".join(sorted(set(names))) or "–")]

    def _grant(self, payload: dict[str, Any], to_person: bool) -> list[tuple[str, str]]:
        facts = [] if to_person else [(_("Given to"), self._receiver(payload))]
        record, volume = payload.get("record_id"), payload.get("volume_id")
        if record:
            return [*facts, (_("On the record"), self.records.get(record, record))]
        if volume:
            return [*facts, (_("On the volume"), self.volumes.get(volume, volume))]
        return [*facts, (_("On the class"), str(self.by_table[RecordClass].get(payload.get("record_class_id"), "–")))]

    def _receiver(self, payload: dict[str, Any]) -> str:
        if payload.get("everyone"):
            return _("everyone")
        group, department = (
            self.by_table[table].get(payload.get(key)) for table, key in ((Group, "group_id"), (Department, "department_id"))
        )
        people = group.user_set.all() if group else department.people.all() if department else []
        return f"{group or department or '–'} ({', '.join(sorted(str(user) for user in people if user.is_active)) or '–'})"

    # --- set-up -----------------------------------------------------------------------------------------------------

    def _row_name(self, payload: dict[str, Any]) -> str:
        table, _names = set_up.WAITING[payload["table"]]
        row = self.by_table[table].get(payload["row"])
        return f"{table._meta.verbose_name} {row or ''}".strip()

    def _set_up(self, payload: dict[str, Any]) -> list[tuple[str, str]]:
        row = self.by_table[set_up.WAITING[payload["table"]][0]].get(payload["row"])
        facts = []
        for column, value in set_up.columns_of(payload):
            now = self._value(column, getattr(row, column.attname)) if row else "–"
            facts.append((str(column.verbose_name), f"{now} → {self._value(column, value)}"))
        if set_up.STEPS in payload["changes"]:
            steps = [{name: getattr(step, name) for name in set_up.STEP_FIELDS} for step in row.steps.all()] if row else []
            facts.append((_("Steps"), f"{self._steps(steps)} → {self._steps(payload['changes'][set_up.STEPS])}"))
        return facts

    def _value(self, column: Field, value: Any) -> str:
        if column.related_model:
            return str(self.by_table[column.related_model].get(value, "–"))
        if isinstance(value, bool):
            return _("yes") if value else _("no")
        return str(dict(column.flatchoices).get(value, value)) if value not in (None, "") else "–"

    def _steps(self, steps: list[dict[str, Any]]) -> str:
        return ", ".join(self._step(step) for step in steps) or "–"

    def _step(self, step: dict[str, Any]) -> str:
        named = self.by_table[Group].get(step["committee_id"])
        people = {str(pk): user for pk, user in self.by_table[User].items()}
        who = named or people.get(str(step["person_id"])) or dict(Approver.choices)[step["approver"]]
        return f"{who} × {step['votes']}" if step["votes"] > 1 else str(who)


def _whom(person: User) -> str:
    """Name, username and address: an account is told from another by these, not by its name alone."""
    return f"{person} · {person.username} · {person.email or '–'}"


def _keys(payloads: list[dict[str, Any]], name: str) -> list[str]:
    return [payload[name] for payload in payloads if payload.get(name)]


def _people(payloads: list[dict[str, Any]]) -> set[Any]:
    """Those whom steps name, as they are and as they are wished."""
    steps = [step for payload in payloads for step in payload.get("changes", {}).get(set_up.STEPS, [])]
    kept = Chain.objects.filter(steps__person__isnull=False).values_list("steps__person", flat=True)
    return {step["person_id"] for step in steps if step["person_id"]} | set(kept)


def _numbers(rows: Any) -> dict[str, str]:
    return {str(pk): number or str(pk) for pk, number in rows.values_list("pk", "number")}
