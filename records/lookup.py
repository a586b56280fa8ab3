"""From codes and names as typed to rows, collecting one sentence for each that is wrong."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from records import access, identifiers, places, volumes
from records.models import Basis, Department, RecordClass, RecordType, Schedule, Tier, User, Volume

PLACE_LENGTH = 200


class Lookup:
    """Looks values up for one person; `errors` gathers sentences by field."""

    def __init__(self, actor: User) -> None:
        self.actor = actor
        self.errors: dict[str, list[str]] = {}

    def record_type(self, slug: str) -> RecordType | None:
        """An active type; None and a sentence otherwise."""
        found = RecordType.objects.filter(slug=slug, active=True).prefetch_related("fields").first()
        return found or self._wrong("record_type", _("There is no such type of record."))

    def record_class(self, code: str) -> RecordClass | None:
        """An open class of which the person is a reader; any other does not exist for them."""
        found = access.chosen_classes(self.actor).filter(code=code, active=True).select_related("default_tier", "schedule").first()
        return found or self._wrong("record_class", _("There is no such class."))

    def tier(self, slug: str) -> Tier | None:
        """A tier by its code."""
        return Tier.objects.filter(slug=slug).first() or self._wrong("tier", _("There is no such tier."))

    def user(self, key: str, username: Any) -> User | None:
        """An active person; None without a sentence when none was asked for."""
        if not username:
            return None
        found = User.objects.filter(username=str(username), is_active=True).first()
        return found or self._wrong(key, _("There is no such person: %(name)s.") % {"name": str(username)[:150]})

    def department(self, slug: str | None) -> Department | None:
        """A department by its code."""
        if not slug:
            return None
        return Department.objects.filter(slug=str(slug)).first() or self._wrong("department", _("There is no such department."))

    def schedule(self, slug: str | None) -> Schedule | None:
        """A retention schedule by its code."""
        if not slug:
            return None
        return Schedule.objects.filter(slug=str(slug)).first() or self._wrong("schedule", _("There is no such schedule."))

    def volume(self, pk: UUID | str | None) -> Volume | None:
        """A volume that the person may know of. Raises Unknown for any other id, since ids in a body are treated as addresses."""
        return volumes.get(self.actor, pk) if pk else None

    def text(self, key: str, value: Any, *, most: int, required: bool = False) -> str:
        """A stripped text of at most `most` characters, without NUL."""
        text = str(value or "").strip()
        if required and not text:
            self._wrong(key, _("This field is required."))
        elif len(text) > most:
            self._wrong(key, _("At most %(most)s characters; these are %(length)s.") % {"most": most, "length": len(text)})
        elif "\0" in text:
            self._wrong(key, _("The text holds a NUL character. Remove it."))
        return text

    def basis(self, value: Any) -> str:
        """Why personal data may be kept (SEC-9): by its code, or by its word in the reader's language; empty where nothing was given."""
        text = str(value or "").strip()
        found = next((choice.value for choice in Basis if text in (choice.value, str(choice.label))), "")
        if text and not found:
            self._wrong("basis", _("Choose consent, contract or law."))
        return found

    def title(self, value: Any, *, most: int) -> str:
        """A title: it stands in lists, suggestions and listings, so a number that is sealed elsewhere must not be part of it (SEC-6)."""
        text = self.text("title", value, most=most, required=True)
        if identifiers.stands_in(text):
            self._wrong("title", _("A title must not hold an identity number or a bank card. Put it into its field."))
        return text

    def original(self, value: Mapping[str, Any] | None) -> dict[str, Any] | None:
        """The paper behind the record: `pages` (1 to 100000) and an optional `place`."""
        if not value:
            return None
        pages = value.get("pages") if isinstance(value, Mapping) else None
        if isinstance(pages, bool) or not isinstance(pages, int) or not 1 <= pages <= 100_000:
            return self._wrong("original", _("Say how many pages the original has, as a number from 1 to 100000."))
        text = self.text("original.place", value.get("place"), most=PLACE_LENGTH)
        return {"pages": pages, "place": text, "at": places.named(text)}

    def _wrong(self, key: str, sentence: str) -> Any:
        """Note the sentence; the value is None then."""
        self.errors.setdefault(key, []).append(sentence)
        return None
