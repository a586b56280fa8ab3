"""Forms of the workbench where a model's own form is not enough."""

from typing import Any

from django import forms
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms import WagtailAdminModelForm

from portal.workbench import follow
from records import access, kinds, patterns, volumes
from records.errors import Invalid, Unknown
from records.models import AuditEvent, Duty, DutyHolder, FieldDefinition, Grant, KnownBy, NumberRule, Record, RecordClass, RecordType, User
from records.values import FieldError


class FixedForm(WagtailAdminModelForm):
    """Codes are fixed once they are made: the index, the API, addresses and the trail name a row by them."""

    FIXED = ("slug", "code", "key")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in self.FIXED:
            if self.instance.pk and name in self.fields:
                self.fields[name].disabled = True
                self.fields[name].help_text = _("Fixed since it was made.")


class RecordClassForm(FixedForm):
    """A class is below another one, never below itself."""

    def clean_parent(self) -> RecordClass | None:
        """A class that is not among those below this one."""
        parent: RecordClass | None = self.cleaned_data["parent"]
        if parent and self.instance.pk and parent in follow.below(self.instance):
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


class TierForm(FixedForm):
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

    def save(self, commit: bool = True) -> Grant:
        """The grant, with who gave it."""
        self.instance.granted_by = self.for_user
        grant: Grant = super().save(commit)
        return grant

    def _is_own(self, cleaned: dict[str, Any]) -> bool:
        """Whether the grant would go to whoever makes it (SEC-15); one to everyone is open to the whole house and gives no advantage."""
        user, group, department = (cleaned.get(name) for name in ("user", "group", "department"))
        in_group = group is not None and group.user_set.filter(pk=self.for_user.pk).exists()
        return user == self.for_user or in_group or (department is not None and department.pk == self.for_user.department_id)


class PersonForm(WagtailAdminModelForm):
    """A person, with duties and groups; passwords are set by the person, through a mail (SEC-15)."""

    OWN_RIGHTS = ("clearance", "department", "duties", "groups", "is_active")  # what nobody changes for themselves

    duties = forms.MultipleChoiceField(label=_("duties"), choices=Duty.choices, required=False, widget=forms.CheckboxSelectMultiple)
    groups = forms.ModelMultipleChoiceField(
        label=_("groups"), queryset=Group.objects.order_by("name"), required=False, widget=forms.CheckboxSelectMultiple
    )

    class Meta:
        model = get_user_model()
        fields = ["username", "display_name", "email", "department", "clearance", "language", "is_active"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk and not self.instance._state.adding:
            self.fields["duties"].initial = sorted(self.instance.duties)
            self.fields["groups"].initial = self.instance.groups.all()
        if self.for_user is not None and self.for_user.pk == self.instance.pk:
            for name in self.OWN_RIGHTS:
                self.fields[name].disabled = True

    def save(self, commit: bool = True) -> User:
        """The person with duties and groups as chosen; a new one has no usable password until one is set by mail."""
        person: User = super().save(commit=False)
        if person._state.adding:
            person.set_unusable_password()
        person.save()
        self.save_m2m()
        person.groups.set(self.cleaned_data["groups"])
        DutyHolder.objects.filter(user=person).exclude(duty__in=self.cleaned_data["duties"]).delete()
        for duty in self.cleaned_data["duties"]:
            DutyHolder.objects.get_or_create(user=person, duty=duty)
        return person
