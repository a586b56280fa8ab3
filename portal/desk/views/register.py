"""Files come in, and become records (CAP-1, CAP-3, CAP-9)."""

import json
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from portal.desk import errors, inputs, registering, rows
from records import intake, parties, reading, registration
from records.errors import FilesRefused, Invalid, NotAllowed, RecordsError
from records.models import Duty, Record, Upload, User
from storage import scans

SUGGESTED = 8  # parties


@dataclass
class UploadRow:
    """A file in the list of uploads: taken in, known already, refused, or made a record of."""

    name: str
    id: str = ""
    size: int = 0
    pages: int | None = None
    sha256: str = ""
    duplicates: list[Record] = field(default_factory=list)
    sentence: str = ""
    chosen: bool = False
    record: dict[str, str] | None = None
    warnings: list[str] = field(default_factory=list)

    @property
    def usable(self) -> bool:
        """Whether a record can be made of it."""
        return bool(self.id) and not self.record

    @property
    def row_state(self) -> str:
        """What the list counts it as."""
        if self.record:
            return "registered"
        return "refused" if not self.id else "known" if self.duplicates else "taken"


@require_http_methods(["GET", "HEAD", "POST"])
def register(request: HttpRequest) -> HttpResponse:
    """The page with uploads and form; by POST the registration itself."""
    user: User = request.user  # type: ignore[assignment]
    if not user.has_duty(Duty.ARCHIVIST):
        raise NotAllowed
    try:
        if request.method == "POST":
            return _register(request, user)
        return _page(request, registering.form_for(request, registering.remembered(request)))
    except registering.NothingToChoose:
        return errors.refusal(
            request,
            NotAllowed(_("You read no class yet, so there is nothing you could register into. The administrator can grant you one.")),
        )


@require_POST
def register_form(request: HttpRequest) -> HttpResponse:
    """The form anew, after class, type or tier was changed; what was typed stays."""
    user: User = request.user  # type: ignore[assignment]
    if not user.has_duty(Duty.ARCHIVIST):
        raise NotAllowed
    return render(request, "desk/register_body.html", {"form": registering.form_for(request, request.POST)})


@require_POST
def upload(request: HttpRequest) -> HttpResponse:
    """One file: staged and sealed, or refused with its reason; the answer is its row of the list."""
    user: User = request.user  # type: ignore[assignment]
    if not user.has_duty(Duty.ARCHIVIST):
        raise NotAllowed
    file = request.FILES.get("file")
    if file is None:
        row, status = UploadRow(name="–", sentence=_("No file came with the request.")), 400
    else:
        row, status = _take(user, file)
    return render(request, "desk/upload_row.html", {"upload": row}, status=status)


def _take(user: User, file: Any) -> tuple[UploadRow, int]:
    try:
        staged = intake.upload(actor=user, file=intake.Incoming(file.name, file))
    except FilesRefused as refused:
        sentence = " ".join(line for lines in refused.errors.values() for line in lines)
        return UploadRow(name=intake.clean_name(file.name), size=file.size, sentence=sentence), errors.status_of(refused)
    return _row(staged, intake.duplicates_of(user, [staged.sha256])), 201


def _row(staged: Upload, duplicates: list[Record]) -> UploadRow:
    warnings = scans.sentences(staged.verdict)
    return UploadRow(staged.name, str(staged.pk), staged.size, staged.pages, staged.sha256, duplicates, warnings=warnings)


@require_safe
def party_names(request: HttpRequest) -> HttpResponse:
    """Parties whose name begins like what was typed, as records name them that the person reads."""
    typed = next((name for name in request.GET.getlist("party_name") if name.strip()), "").strip()
    found = parties.beginning(request.user, typed, most=SUGGESTED)  # type: ignore[arg-type]
    return render(request, "desk/parties.html", {"parties": found})


# --- the act --------------------------------------------------------------------------------------------------------


def _register(request: HttpRequest, user: User) -> HttpResponse:
    uploads = request.POST.getlist("uploads")
    try:
        if request.POST.get("split") == "each" and len(uploads) > 1:
            done, refused = _each(user, request, uploads)
        else:
            done, refused = [(_one(user, request, uploads), uploads)], []
    except (Invalid, FilesRefused) as error:
        return _again(request, error.errors or {"": [error.sentence]}, status=errors.status_of(error))
    except RecordsError as error:
        return _again(request, {"": [error.sentence]}, status=errors.status_of(error))
    registering.remember(request, request.POST)
    return _done(request, user, done, refused)


def _one(user: User, request: HttpRequest, uploads: list[str], *, title: str | None = None) -> Record:
    given = registering.particulars(user, request.POST, title=title)
    files = inputs.files_of(request)
    return registration.register(actor=user, given=given, files=files, uploads=uploads)


def _each(user: User, request: HttpRequest, uploads: list[str]) -> tuple[list[tuple[Record, list[str]]], list[dict[str, str]]]:
    """A record for each file, named after it; one that is refused does not stop the others. Raises Invalid when all are."""
    done: list[tuple[Record, list[str]]] = []
    refused: list[tuple[str, RecordsError]] = []
    names = {str(row.pk): row.name for row in reading.uploads_of(user)}
    for pk in uploads:
        name = names.get(pk, "–")  # one that is not there is refused by the verb
        try:
            done.append((_one(user, request, [pk], title=PurePath(name).stem), [pk]))
        except RecordsError as error:
            refused.append((name, error))
    if not done:
        raise refused[0][1]
    return done, [{"name": name, "sentence": _sentences(error)} for name, error in refused]


def _sentences(error: RecordsError) -> str:
    return " ".join(line for lines in error.errors.values() for line in lines) or error.sentence


def _again(request: HttpRequest, wrong: dict[str, list[str]], *, status: int) -> HttpResponse:
    """The form once more: nothing typed is lost, each error stands at its field."""
    form = registering.form_for(request, request.POST, wrong)
    if request.headers.get("HX-Request"):
        return render(request, "desk/register_body.html", {"form": form}, status=status)
    return _page(request, form, status=status)


def _done(request: HttpRequest, user: User, done: list[tuple[Record, list[str]]], refused: list[dict[str, str]]) -> HttpResponse:
    if not request.headers.get("HX-Request"):
        return redirect("desk:record", done[0][0].pk)
    fresh = registering.form_for(request, registering.remembered(request))
    outcomes = [_outcome(user, record) for record, _uploads in done]
    used = {pk: {"title": record.title, "url": reverse("desk:record", args=[record.pk])} for record, ids in done for pk in ids}
    response = render(request, "desk/register_body.html", {"form": fresh, "registered": outcomes, "refused": refused, "outcomes": True})
    told = {"muniment:registered": {"used": used, "next": request.POST.get("then") == "next"}}
    response["HX-Trigger-After-Swap"] = json.dumps(told)
    return response


def _outcome(user: User, record: Record) -> dict[str, Any]:
    detail = reading.show(user, record)
    return {
        "title": record.title,
        "url": reverse("desk:record", args=[record.pk]),
        "change_url": reverse("desk:change", args=[record.pk]),
        "missing": registering.missing_names(record.record_type, record.fields),
        "duplicates": detail.duplicates,
    }


def _page(request: HttpRequest, form: registering.Form, *, status: int = 200) -> HttpResponse:
    user: User = request.user  # type: ignore[assignment]
    staged = list(reading.uploads_of(user))
    known = intake.holding(user, [row.sha256 for row in staged])
    uploads = [_row(row, known.get(row.sha256, [])) for row in staged]
    chosen = set(request.POST.getlist("uploads"))
    for row in uploads:
        row.chosen = row.id in chosen
    context = {
        "form": form,
        "uploads": uploads,
        "max_mb": settings.MUNIMENT_MAX_FILE_MB,
        "max_bytes": settings.MUNIMENT_MAX_FILE_MB * 1024 * 1024,
    }
    return render(request, "desk/register.html", context, status=status)


@require_safe
def returned(request: HttpRequest) -> HttpResponse:
    """What review gave back to this person."""
    found = reading.returned_to(request.user)  # type: ignore[arg-type]
    listed = [rows.row_of(record, url_name="desk:change") for record in rows.slice_of(request, found)]
    return render(request, "desk/returned.html", {"rows": listed, "pager": rows.pager_for(request, found.count())})
