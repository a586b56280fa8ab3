"""Small pieces that every page of the desk uses: icons, marks, chips, the menu, times as people read them."""

from datetime import date, datetime
from typing import Any

from django import template
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.templatetags.static import static
from django.utils import formats, timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext, ngettext

from portal.accounts.models import organisation_name
from portal.desk import menu
from records import notices, secrecy
from records.models import User

register = template.Library()


@register.simple_tag
def icon(name: str) -> SafeString:
    """One Lucide icon; it says nothing by itself, so a word or an aria-label stands beside it."""
    return format_html('<svg class="icon" aria-hidden="true"><use href="{}#{}"></use></svg>', static("vendor/lucide.svg"), name)


@register.simple_tag
def html_lang() -> str:
    """The page's language as HTML spells it: zh-Hans, zh-Hant, en."""
    parts = (get_language() or settings.LANGUAGE_CODE).split("-")
    return "-".join([parts[0], *[part.title() for part in parts[1:]]])


@register.simple_tag
def organisation() -> str:
    """The organisation's name."""
    return organisation_name()


@register.filter
def initial(user: Any) -> str:
    """The first character of a person's name, for the round button."""
    return str(user.get_full_name())[:1].upper() if not isinstance(user, AnonymousUser) else "?"


@register.simple_tag
def who_line(user: Any) -> str:
    """Department and clearance in one line."""
    parts = [user.department, user.clearance and gettext("cleared for {tier}").format(tier=user.clearance)]
    return " · ".join(str(part) for part in parts if part)


@register.inclusion_tag("desk/menu.html", takes_context=True)
def desk_menu(context: dict[str, Any]) -> dict[str, Any]:
    """The menu: only what this person's duties need, with what waits for them."""
    request = context["request"]
    return {"entries": menu.entries(request), "open_url": request.path}


@register.simple_tag
def tier_mark(tier: Any, mark: str = "") -> SafeString:
    """The red stamp of a secret tier (`机密★20年`), a grey outline for the others. The same everywhere."""
    if mark:
        return format_html('<span class="tier secret">{}</span>', mark)
    return format_html('<span class="tier">{}</span>', tier)


@register.simple_tag
def carried_mark(found: secrecy.Together | None) -> SafeString:
    """The mark of what a volume or a place carries; nothing where nothing is in it (SEC-13)."""
    return tier_mark(found.tier, secrecy.stamp(found)) if found else SafeString("")


@register.simple_tag(takes_context=True)
def unread_notices(context: dict[str, Any]) -> int:
    """How many notices the person has not read; asked once a page."""
    user = context.get("user")
    return notices.unread(user).count() if isinstance(user, User) else 0


STATE_CHIPS = {"filed": "good", "registered": "wait", "reviewed": "wait", "working": "wait", "destroyed": "bad"}


@register.simple_tag
def state_chip(record: Any) -> SafeString:
    """The record's state in a word, coloured by what it means; that it was returned is no part of a listing."""
    is_listed = getattr(record, "access", "full") != "full"
    if record.state == "registered" and record.returned and not is_listed:
        return format_html('<span class="chip bad">{}</span>', gettext("returned by review"))
    return format_html('<span class="chip {}">{}</span>', STATE_CHIPS.get(record.state, ""), record.get_state_display())


@register.filter
def ago(moment: datetime | None) -> SafeString | str:
    """A moment as people read it ("3 hours ago"), with the full time on hover."""
    if moment is None:
        return ""
    local = timezone.localtime(moment)
    full = formats.date_format(local, "Y-m-d H:i")
    return format_html('<time datetime="{}" title="{}">{}</time>', local.isoformat(), full, _distance(local))


def _distance(local: datetime) -> str:
    minutes = int((timezone.localtime() - local).total_seconds() // 60)
    if minutes < 1:
        return gettext("just now")
    if minutes < 60:
        return ngettext("%(n)d minute ago", "%(n)d minutes ago", minutes) % {"n": minutes}
    days = (timezone.localdate() - local.date()).days
    if days == 0:
        return gettext("today %(time)s") % {"time": local.strftime("%H:%M")}
    if days == 1:
        return gettext("yesterday %(time)s") % {"time": local.strftime("%H:%M")}
    return local.strftime("%Y-%m-%d")


@register.filter
def iso(day: date | datetime | None) -> str:
    """A date as the archive writes it: 2026-11-23."""
    if isinstance(day, datetime):
        day = timezone.localtime(day).date()
    return day.isoformat() if day else ""


@register.filter
def size(count: int | None) -> str:
    """Bytes in the unit a person reads."""
    number, units = float(count or 0), ["B", "KB", "MB", "GB", "TB"]
    while number >= 1024 and len(units) > 1:
        number, units = number / 1024, units[1:]
    return f"{number:.0f} {units[0]}" if units[0] in {"B", "KB"} else f"{number:.1f} {units[0]}"


@register.filter
def short_digest(digest: str) -> str:
    """The ends of a SHA-256, enough to compare by eye."""
    return f"{digest[:4]}…{digest[-4:]}" if digest else ""


@register.filter
def get(mapping: dict[Any, Any], key: Any) -> Any:
    """A value by a key that is itself a variable."""
    return mapping.get(key) if mapping else None
