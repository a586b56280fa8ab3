"""Forms of the workbench where a model's own form is not enough."""

from typing import Any

from django import forms
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms import WagtailAdminModelForm

from records import access, entrusting, granting, kinds, patterns, reasons, set_up, standing, volumes
from records.errors import Invalid, RecordsError, Unknown
from records.models import AuditEvent, Duty, FieldDefinition, Grant, KnownBy, NumberRule, Proposal, Record, RecordClass, RecordType, User
from records.values import FieldError


class FixedForm(WagtailAdminModelForm):
    """Codes are fixed once they are made: the index, the API, addresses and the trail name a row by them."""

    FIXED: tuple[str, ...] = ("slug", "code", "key")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in self.FIXED:
            if self.instance.pk and name in self.fields:
                self.fields[name].disabled = True
                self.fields[name].help_text = _("Fixed since it was made.")


def reason_field(*, required: bool = False) -> forms.CharField:
    """Why, for the second person."""
    hint = _("Needed for what waits for the security officer.")
    return forms.CharField(label=_("reason"), required=required, max_length=reasons.LONGEST, help_text="" if required else hint)


class WaitingForm(FixedForm):
    """What opens records or eases a rule is proposed and stays as it is until the security officer confirms it (SEC-15)."""

    reason = reason_field()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.waiting = [name for name in self.waiting_names() if name in self.fields]
        self.proposals: list[Proposal] = []

    def waiting_names(self) -> tuple[str, ...]:
        """The fields that wait; none for a row that is new, since nothing is under it yet."""
        return set_up.WAITING[self._meta.model._meta.model_name][1] if self.instance.pk else ()

    def clean(self) -> dict[str, Any]:
        """A reason where something waits."""
        cleaned = super().clean()
        if set(self.changed_data) & set(self.waiting) and not (cleaned.get("reason") or "").strip():
            self.add_error("reason", _("Say why: this waits for the security officer."))
        return cleaned

    def save(self, commit: bool = True) -> Any:
        """The rest at once, and a proposal of what waits."""
        changes = set_up.hold_back(self.instance) if self.waiting else {}
        row = super().save(commit)
        if changes:
            self.propose(changes)
        return row

    def propose(self, changes: dict[str, Any]) -> None:
        """Let it wait."""
        made = entrusting.propose_set_up(actor=self.for_user, row=self.instance, changes=changes, reason=self.cleaned_data["reason"])
        self.proposals.append(made)


class RecordClassForm(WaitingForm):
    """A class is below another one, never below itself."""

    def clean_parent(self) -> RecordClass | None:
        """A class that is not among those below this one."""
        parent: RecordClass | None = self.cleaned_data["parent"]
        if parent and self.instance.pk and parent in set_up.below(self.instance):
            raise ValidationError(_("A class cannot be part of itself, nor of one below it."))
        return parent


class NumberRuleForm(WagtailAdminModelForm):
    """Patterns are read while they are typed in, not when somebody files (NUM-1)."""

    class Meta:
        model = NumberRule
        fields = ["name", "pattern", "volume_pattern"]

    def clean_pattern(self) -> str:
        """A pattern that can number records."""
        return _checked(patterns.validate_record_pattern, self.cleaned_data["pattern"])

    def clean_volume_pattern(self) -> str:
        """A pattern that can number volumes, or none."""
        pattern = self.cleaned_data["volume_pattern"]
        return _checked(patterns.validate_volume_pattern, pattern) if pattern else ""


def _checked(check: Any, pattern: str) -> str:
    try:
        check(pattern)
    except Invalid as error:
        raise ValidationError(str(error)) from None
    return pattern


class TierForm(WaitingForm):
    """A tier that only named people know numbers apart (NUM-2)."""

    def clean(self) -> dict[str, Any]:
        """The prefix that such a tier needs."""
        cleaned = super().clean()
        if cleaned.get("known_by") == KnownBy.NAMED and not cleaned.get("number_prefix"):
            self.add_error(
                "number_prefix", _("A tier that only named people know of needs a prefix: its numbers run in a scope of their own.")
            )
        return cleaned


class RecordTypeForm(FixedForm):
    """A type with its fields. The key of a field that was taken away is not given again: records may hold values under it,
    and another kind would show whole what is masked, or the other way round (SEC-6). Records are not asked: hidden ones would be told of.
    """

    TAKEN_AWAY = "setup:delete"

    def is_valid(self) -> bool:
        """Wagtail's own checks of type and fields, the keys of new fields, and the field of the record's own date."""
        return super().is_valid() and not self._reused() and self._has_its_date()

    def _has_its_date(self) -> bool:
        own, rows = self.cleaned_data["own_date"], self.formsets["fields"]
        kept = [row.cleaned_data for row in rows.forms if row not in rows.deleted_forms]
        if not own or any(row.get("key") == own and row.get("kind") == "date" for row in kept):
            return True
        self.add_error("own_date", _("This type has no date field of this key."))
        return False

    def _reused(self) -> list[Any]:
        reused = [row for row in self._rows() if not row.instance.pk and self._was_taken_away(row.cleaned_data.get("key"))]
        for row in reused:
            row.add_error("key", _("A field of this key was taken away, and records may still hold values of it: take another key."))
        return reused

    def _rows(self) -> list[Any]:
        rows = self.formsets["fields"]
        return [row for row in rows.forms if row.has_changed() and row not in rows.deleted_forms]

    def _was_taken_away(self, key: str | None) -> bool:
        going = {row.instance.key for row in self.taken_away}
        subject = self.subject_of(self.instance, key)
        return key in going or AuditEvent.objects.filter(action=self.TAKEN_AWAY, subject=subject).exists()

    @property
    def taken_away(self) -> list[Any]:
        """The rows of fields that this form takes away."""
        return [row for row in self.formsets["fields"].deleted_forms if row.instance.pk]

    @property
    def changes_what_is_found(self) -> bool:
        """Whether records of the type are found by other words afterwards."""
        return bool(self.taken_away) or any(not row.instance.pk or {"kind", "choices"} & set(row.changed_data) for row in self._rows())

    @staticmethod
    def subject_of(record_type: RecordType, key: str | None) -> str:
        """How the trail names a field."""
        return f"fielddefinition {record_type.slug}.{key}"


class FieldDefinitionForm(FixedForm):
    """One field of a type: its kind from the registry, its choices one a line."""

    AS_TYPED = frozenset({"text", "long-text", "choice", "credit-code", "certificate-number"})  # what these keep is read by any of them

    choices = forms.CharField(label=_("choices, one a line"), required=False, widget=forms.Textarea(attrs={"rows": 3}))
    kind = forms.ChoiceField(label=_("kind"), choices=kinds.KIND_CHOICES)

    class Meta:
        model = FieldDefinition
        fields = ["key", "name", "names", "kind", "level", "order", "choices", "help"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if isinstance(self.initial.get("choices"), list):
            self.initial["choices"] = "\n".join(map(_as_line, self.initial["choices"]))

    def clean_kind(self) -> str:
        """The kind of a field stays, but for kinds that keep the same: values are kept, sealed and shown by it (SEC-6)."""
        kind: str = self.cleaned_data["kind"]
        former = self.initial.get("kind") if self.instance.pk else None
        if former and former != kind and not {former, kind} <= self.AS_TYPED:
            raise ValidationError(_("What is kept already was checked, and sealed or not, by the former kind: add another field."))
        return kind

    def clean(self) -> dict[str, Any]:
        """Choices where the kind needs them."""
        cleaned = super().clean()
        lines: list[Any] = [_as_choice(line) for line in (cleaned.get("choices") or "").splitlines() if line.strip()]
        try:
            cleaned["choices"] = kinds.check_choices(cleaned.get("kind", ""), lines)
        except FieldError as error:
            self.add_error("choices", str(error))
        return cleaned


def _as_line(choice: Any) -> str:
    return f"{choice['value']} = {choice.get('label', '')}" if isinstance(choice, dict) else str(choice)


def _as_choice(line: str) -> str | dict[str, str]:
    value, equals, label = (part.strip() for part in line.partition("="))
    return {"value": value, "label": label} if equals else value


class GrantForm(WagtailAdminModelForm):
    """One grant: to one, on one (SEC-4). A record is named by its number, or by the id in its address."""

    TO = ("group", "department", "user", "everyone")
    ON = ("record_class", "volume", "record")

    record = forms.CharField(label=_("record"), required=False, help_text=_("Its number, or the id in its address."))
    reason = reason_field(required=True)

    class Meta:
        model = Grant
        fields = ["group", "department", "user", "everyone", "record_class", "volume"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "volume" in self.fields:  # the title of any other volume would tell of it (SEC-13)
            self.fields["volume"].queryset = volumes.known_to(self.for_user)
        if on := self.instance.record:
            self.initial["record"] = on.number or str(on.pk)

    def clean_record(self) -> Record | None:
        """The record of this number or id; one that may not be known of does not exist (SEC-5)."""
        named = self.cleaned_data["record"].strip()
        if not named:
            return None
        try:
            found = access.visible_to(self.for_user).filter(number=named).first() or access.get_visible(self.for_user, named)
        except Unknown:
            raise ValidationError(_("There is no record of this number or id.")) from None
        return found

    def clean(self) -> dict[str, Any]:
        """Exactly one of each side, and nothing to oneself."""
        cleaned = super().clean()
        if sum(bool(cleaned.get(name)) for name in self.TO) != 1:
            raise ValidationError(_("Choose one: a group, a department, a person, or everyone."))
        if "record" not in self.errors and sum(bool(cleaned.get(name)) for name in self.ON) != 1:
            raise ValidationError(_("Choose one: a class, a volume or a record."))
        if self._is_own(cleaned):
            raise ValidationError(_("Nobody grants to themselves, nor to a group or department of their own: ask another administrator."))
        return cleaned

    def propose(self) -> Proposal:
        """Let it wait for the security officer. Raises what `granting.propose` does."""
        given = self.cleaned_data
        to = {"group": _of("name", given.get("group")), "department": _of("slug", given.get("department"))}
        to |= {"user": _of("username", given.get("user")), "everyone": given.get("everyone")}
        on = {"record_class": _of("code", given.get("record_class")), "volume": _of("pk", given.get("volume"))}
        return granting.propose(actor=self.for_user, to=to, on=on | {"record": _of("pk", given.get("record"))}, reason=given["reason"])

    def _is_own(self, cleaned: dict[str, Any]) -> bool:
        """Whether the grant would go to whoever makes it (SEC-15)."""
        return any(granting.is_own(self.for_user, cleaned.get(name)) for name in ("user", "group", "department"))


def _of(name: str, row: Any) -> Any:
    return getattr(row, name) if row else None


class PersonForm(WagtailAdminModelForm):
    """A person, with duties and groups; passwords are set by the person, through a mail (SEC-15)."""

    # What nobody changes for themselves here; the own mail address is on the profile, with the password asked for.
    OWN_RIGHTS = ("email", "clearance", "department", "duties", "groups", "borrows_directly", "is_active")

    FIELD_OF = {"duty": "duties", "group": "groups", "mail": "email", "direct": "borrows_directly", "active": "is_active"}

    duties = forms.MultipleChoiceField(label=_("duties"), choices=Duty.choices, required=False, widget=forms.CheckboxSelectMultiple)
    groups = forms.ModelMultipleChoiceField(
        label=_("groups"), queryset=Group.objects.order_by("name"), required=False, widget=forms.CheckboxSelectMultiple
    )

    reason = reason_field()

    class Meta:
        model = get_user_model()
        fields = ["username", "display_name", "email", "department", "clearance", "language", "borrows_directly", "is_active"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.proposals: list[Proposal] = []
        self.waiting: list[str] = []
        self.former = standing.Standing() if self.instance._state.adding else standing.of(self.instance)
        if self.instance._state.adding:
            self.instance.set_unusable_password()
        else:
            self.fields["duties"].initial = sorted(self.instance.duties)
            self.fields["groups"].initial = self.instance.groups.all()
        if self.for_user is not None and self.for_user.pk == self.instance.pk:
            for name in self.OWN_RIGHTS:
                self.fields[name].disabled = True

    def clean(self) -> dict[str, Any]:
        """What may not be, or waits and has no reason, is said before anything is saved."""
        cleaned = super().clean()
        if not self.errors:
            try:
                standing.check(actor=self.for_user, person=self.instance, wished=self._wished(cleaned), reason=cleaned["reason"])
            except RecordsError as error:
                self.add_error("reason" if "reason" in error.errors else None, error.errors.get("reason", [error.sentence])[0])
        return cleaned

    def _wished(self, cleaned: dict[str, Any]) -> standing.Standing:
        plain = {name: cleaned[name] for name in ("email", "department", "clearance", "borrows_directly", "is_active")}
        return standing.Standing(duties=frozenset(cleaned["duties"]), groups=frozenset(cleaned["groups"]), **plain)

    def save(self, commit: bool = True) -> User:
        """The person; of what is entrusted to them what narrows at once, the rest as proposals (SEC-15).

        A new one has no usable password until one is set by mail.
        """
        wished, person = self._wished(self.cleaned_data), self.instance
        for name in ("department", "clearance", "borrows_directly", "email", "is_active"):
            setattr(person, name, getattr(self.former, name))
        if person._state.adding:
            person.email, person.is_active = wished.email, wished.is_active
        person.save()
        change = {"person": person, "wished": wished, "reason": self.cleaned_data["reason"]}
        self.proposals = standing.change(actor=self.for_user, **change)
        self.waiting = [self.FIELD_OF.get(each.kind, each.kind) for each in self.proposals]
        return person
