"""A record's page, its bytes and pages, its history (CAP-7, CAP-8, PRT-4, SEC-6, SEC-7)."""

from collections.abc import Mapping
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from portal import content, page_images
from portal.desk import acting, lent, present, rows, texts, viewing, words
from portal.desk.inputs import Input
from records import access, changing, freezing, opening, reading
from records.errors import NotAllowed, ReasonMissing, Unknown
from records.models import AuditEvent, Record, RecordVersion, User

LATEST = 6  # events on a record's page


@require_safe
def record(request: HttpRequest, record_id: UUID, number: int | None = None) -> HttpResponse:
    """The record with its current version, or with version `number`."""
    user: User = request.user  # type: ignore[assignment]
    detail = reading.detail(user, record_id)
    view = present.page_of(detail)
    if detail.full:
        _fill(request, user, detail, view, number)
    elif number is not None:
        raise NotAllowed
    frozen = freezing.frozen(detail.record)
    way_in = {} if detail.full or frozen else lent.way_in(user, detail.record)
    borrow_url = "" if frozen else lent.borrow_url(user, detail.record)
    view.acts += present.borrow(borrow_url, first=bool(borrow_url) and way_in.get("url") == borrow_url)
    view.more += present.outside(detail, user)
    if detail.full and access.only_by_loan(user, detail.record):
        view.notes, view.why = present.on_loan(access.running_loans(user, detail.record)), ""
    view.notes += [present.freeze()] * frozen + present.notes(detail, _return_reason(user, detail), way_in)
    if "add_version" in detail.may and view.version:  # for who can scan it again
        view.notes += present.scan(view.version.components.all(), detail.original)
    view.look = viewing.look_at(request, detail, view.version.components.all() if view.version else [])
    view.download_url = "" if view.look.purpose_url else view.download_url
    if "print" in detail.may and view.look.pages:  # what is shown is what is printed
        view.print_url = reverse("desk:print", args=[detail.record.pk, view.look.component.pk])
    return render(request, "desk/record.html", {"record": detail.record, "view": view})


def _fill(request: HttpRequest, user: User, detail: reading.Detail, view: present.Page, number: int | None) -> None:
    """What only those see who read it in full."""
    versions = reading.versions(user, detail.record.pk)
    view.version = next((row for row in versions if row.number == (number or detail.record.current_version)), None)
    if view.version is None:
        raise Unknown
    components = list(view.version.components.all())
    view.old_version = view.version.number != detail.record.current_version
    view.unreviewed = detail.record.state == "filed" and view.version.reviewed_by_id is None
    view.versions = [_version(detail.record.pk, row, view.version, current=row.number == detail.record.current_version) for row in versions]
    view.sub = present.sub_line(detail, view.version, components)
    view.acts, view.more = present.acts(detail, user, may_review=reading.to_review(user).filter(pk=detail.record.pk).exists())
    view.relations, view.retention = present.relations(detail), present.retention(detail.record)
    view.relate_url = reverse("desk:relate", args=[detail.record.pk]) if "relate" in detail.may else ""
    view.texts = texts.lines(detail, components)
    view.history = _events(reading.history(user, detail.record.pk)[:LATEST])
    view.history_url = reverse("desk:history", args=[detail.record.pk])
    if "download" in detail.may and components:
        chosen = next((part for part in components if str(part.pk) == request.GET.get("c")), components[0])
        view.download_url = reverse("desk:content", args=[detail.record.pk, chosen.pk])


def _return_reason(user: User, detail: reading.Detail) -> str:
    """Why the reviewer gave it back, from the trail; empty where nobody did."""
    if not (detail.full and detail.record.returned):
        return ""
    event = reading.history(user, detail.record.pk).filter(action="review-return").first()
    return event.reason if event else ""


def _version(record_id: UUID, row: RecordVersion, chosen: RecordVersion, *, current: bool) -> dict[str, object]:
    url = reverse("desk:record", args=[record_id]) if current else reverse("desk:version", args=[record_id, row.number])
    return {"row": row, "url": url, "chosen": row.pk == chosen.pk, "unreviewed": row.reviewed_by_id is None}


def _events(found: object) -> list[dict[str, object]]:
    return [event_of(row) for row in found]  # type: ignore[attr-defined]


def event_of(row: AuditEvent) -> dict[str, object]:
    """An event of the trail in words."""
    return {
        "act": words.act(row.action),
        "code": row.action,
        "who": row.actor.get_full_name() if row.actor else row.actor_name,
        "username": row.actor_name,
        "at": row.at,
        "reason": words.why(row.action, row.reason),
        "record_id": row.record_id,
        "record_number": row.record_number,
        "short_id": str(row.record_id)[:8],
        "subject": row.subject,
        "changed": row.changed,
        "from_address": row.from_address,
    }


@require_safe
def history(request: HttpRequest, record_id: UUID) -> HttpResponse:
    """Everything that happened to a record, newest first."""
    user: User = request.user  # type: ignore[assignment]
    found = access.get_readable(user, record_id)
    events = reading.history(user, record_id)
    context = {
        "record": found,
        "heading": _("History of %(title)s") % {"title": found.title},
        "lead": _("Every act on this record, newest first; nothing here can be changed."),
        "events": _events(rows.slice_of(request, events)),
        "pager": rows.pager_for(request, events.count()),
    }
    return render(request, "desk/history.html", context)


# --- bytes and pages --------------------------------------------------------------------------------------------------


@require_safe
def download(request: HttpRequest, record_id: UUID, component_id: UUID) -> HttpResponseBase:
    """The bytes of a component as they were stored, whole or in part."""
    opening.need_purpose(request.user, record_id)  # type: ignore[arg-type]
    return content.download(request, request.user, record_id, component_id)  # type: ignore[arg-type]


@require_safe
def print_file(request: HttpRequest, record_id: UUID, component_id: UUID) -> HttpResponseBase:
    """The pages of a component to print, stamped as the tier says (SEC-2)."""
    opening.need_purpose(request.user, record_id)  # type: ignore[arg-type]
    return content.printed_file(request.user, record_id, component_id)  # type: ignore[arg-type]


@require_safe
def page(request: HttpRequest, record_id: UUID, component_id: UUID, number: int) -> HttpResponse:
    """One page as a picture, watermarked as the tier says."""
    opening.need_purpose(request.user, record_id)  # type: ignore[arg-type]
    width = page_images.width_from(request.GET.get("w"))
    image = page_images.page_image(request.user, record_id, component_id, page=number, width=width)  # type: ignore[arg-type]
    return page_images.as_response(image)


@require_safe
def page_words(request: HttpRequest, record_id: UUID, component_id: UUID, number: int) -> JsonResponse:
    """The words of a page with their places, and the boxes of what was searched for (FND-9)."""
    user: User = request.user  # type: ignore[assignment]
    opening.need_purpose(user, record_id)
    found, component = access.get_component(user, record_id, component_id)
    access.log_view(user, found, component)
    return JsonResponse(texts.page_words(component, number, request.GET.get("q", ""), may_copy=access.may_copy(user, found)))


@require_http_methods(["GET", "HEAD", "POST"])
def open_record(request: HttpRequest, record_id: UUID) -> HttpResponse:
    """What a record of a tier that asks for it is opened for; then its pages (LND-12)."""
    user: User = request.user  # type: ignore[assignment]
    record = access.get_readable(user, record_id)
    following = request.GET.get("next", "")
    safe = url_has_allowed_host_and_scheme(following, allowed_hosts=None)
    done = following if safe and following.startswith("/") else reverse("desk:record", args=[record.pk])

    def draw(_record: Record, data: Mapping[str, str], errors: acting.Errors) -> acting.Act:
        field = Input(_("Purpose"), "purpose", "long", data.get("purpose", ""), True, half=False, errors=list(errors.get("purpose", [])))
        detail = _("What you state stands in the trail, and holds for this sitting.")
        return acting.Act(_("What do you open this record for?"), _("Open"), [field], detail=detail)

    def do(actor: User) -> str:
        opening.open_for(actor=actor, record_id=record.pk, purpose=request.POST.get("purpose", ""))
        return _("Your purpose is written down.")

    return acting.ask_or_do(request, record, draw=draw, do=do, done=done)


@require_POST
def retry_text(request: HttpRequest, record_id: UUID, component_id: UUID) -> HttpResponse:
    """Read a file's text once more, after it failed: for those who may change the record."""
    user: User = request.user  # type: ignore[assignment]
    access.get_for_verb(user, record_id, "change")
    found, component = access.get_component(user, record_id, component_id)
    texts.retry(component)
    return redirect("desk:record", found.pk)


# --- masked values ----------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def reveal(request: HttpRequest, record_id: UUID, key: str) -> HttpResponse:
    """A masked value whole, by an act that says why and is written down (SEC-6)."""
    user: User = request.user  # type: ignore[assignment]
    found = access.get_readable(user, record_id)
    if not access.may_reveal(user, found):
        raise NotAllowed
    context: dict[str, object] = {
        "record": found,
        "key": key.replace(".", "-"),
        "url": request.path,
        "label": _("this value"),
        "value": None,
    }
    status = 200
    if request.method == "POST":
        try:
            context["value"] = changing.reveal(actor=user, record_id=record_id, field=key, reason=request.POST.get("reason", ""))
        except ReasonMissing as error:
            context["error"], status = error.errors.get("reason", [error.sentence])[0], 400
    template = "desk/reveal.html" if request.headers.get("HX-Request") else "desk/reveal_page.html"
    return render(request, template, context, status=status)
