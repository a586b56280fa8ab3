"""Words that people write beside an act: asked for where one is due, and never longer than the tables keep."""

from django.utils.translation import gettext as _

from records.errors import Invalid, ReasonMissing

LONGEST = 500  # characters, as the tables keep


def need(reason: str, sentence: str = "") -> None:
    """Raises ReasonMissing for an empty one (`sentence`: what to say then), Invalid as `check`."""
    if not reason.strip():
        raise ReasonMissing(errors={"reason": [sentence or _("Say why.")]})
    check(reason=reason)


def check(*, most: int = LONGEST, **given: str) -> None:
    """Raises Invalid, by field, for what is too long or what no database takes."""
    if errors := {name: [wrong] for name, text in given.items() if (wrong := fault_of(text, most=most))}:
        raise Invalid(errors=errors)


def fault_of(text: str, *, most: int = LONGEST) -> str:
    """What is wrong with a text, as a sentence; empty for nothing."""
    if "\0" in text:
        return _("The text holds a NUL character. Remove it.")
    length = len(text.strip())
    return _("At most %(most)s characters; these are %(length)s.") % {"most": most, "length": length} if length > most else ""
