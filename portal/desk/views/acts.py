"""The acts on one record that are no journey of their own: new version, move, relate, withdraw, void."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from portal.desk import inputs, rows
from portal.desk.acting import Act, Draw, Errors, carry_out, reason_input
from portal.desk.inputs import Input
from records import access, changing, numbering, reading, registration, volumes
from records.models import Record, RelationKind, User

ask_or_do = require_http_methods(["GET", "HEAD", "POST"])


@ask_or_do
def add_version(request: HttpRequest, record_id: UUID) -> HttpResponse:
    """A new set of files (CAP-7)."""

    def draw(_record: Record, data: dict[str, str], errors: Errors) -> Act:
        files = Input(
            _("Files"),
            "files",
            "file",
            required=True,
            half=False,
            errors=[line for key, lines in errors.items() if key != "reason" for line in lines],
        )
        detail = _("The files replace those of the current version on the page and in search; earlier versions stay as they are.")
        return Act(_("New version"), _("Add the version"), [files, reason_input(data, errors)], detail=detail)

    def do(user: User) -> str:
        files = inputs.files_of(request)
        record = registration.add_version(actor=user, record_id=record_id, reason=request.POST.get("reason", ""), files=files)
        return _("Version %(n)s is here; another person reviews it.") % {"n": record.current_version}

    return carry_out(request, record_id, "add_version", draw=draw, do=do)  # type: ignore[arg-type]


@ask_or_do
def move(request: HttpRequest, record_id: UUID) -> HttpResponse:
    """Another class or volume; a number stays (NUM-5)."""
    user: User = request.user  # type: ignore[assignment]

    def draw(record: Record, data: dict[str, str], errors: Errors) -> Act:
        fields = [*_places(user, record, data, errors), reason_input(data, errors)]
        detail = _("A number that was given stays; former and new place are in the history.")
        return Act(_("Move to another class or volume"), _("Move"), fields, detail=detail)

    def do(actor: User) -> str:
        data = request.POST
        record = changing.move(
            actor=actor,
            record_id=record_id,
            record_class=data.get("record_class") or None,
            volume=data.get("volume") or None,
            reason=data.get("reason", ""),
        )
        return _("Moved to %(place)s.") % {"place": record.volume or record.record_class}

    return carry_out(request, record_id, "move", draw=draw, do=do)  # type: ignore[arg-type]


def _places(user: User, record: Record, data: dict[str, str], errors: Errors) -> list[Input]:
    """Classes and volumes to choose from; the record's own are chosen."""
    classes = [(row.code, str(row)) for row in access.chosen_classes(user).filter(active=True)]
    held = rows.volume_options(user, volumes.known_to(user), with_class=True)
    code = data.get("record_class", record.record_class.code)
    volume = data.get("volume", str(record.volume_id or ""))
    return [
        Input(_("Class"), "record_class", "select", code, options=classes, errors=errors.get("record_class", [])),
        Input(_("Volume"), "volume", "select", volume, options=held, blank="–", errors=errors.get("volume", [])),
    ]


@ask_or_do
def relate(request: HttpRequest, record_id: UUID) -> HttpResponse:
    """A relation to another record, shown on both ends (CAP-8)."""
    user: User = request.user  # type: ignore[assignment]

    def draw(_record: Record, data: dict[str, str], errors: Errors) -> Act:
        hint = _("Its number, or its address in this portal.")
        fields = [
            Input(_("This record"), "kind", "select", data.get("kind", ""), options=RelationKind.choices, errors=errors.get("kind", [])),
            Input(
                _("the other record"),
                "other",
                value=data.get("other", ""),
                required=True,
                mono=True,
                hint=hint,
                errors=errors.get("record", []),
            ),
        ]
        return Act(_("Relate to another record"), _("Relate"), fields)

    def do(actor: User) -> str:
        other = reading.by_number(user, request.POST.get("other", ""))
        relation = changing.relate(actor=actor, record_id=record_id, kind=request.POST.get("kind", ""), other_id=other.pk)
        return _("Related: %(kind)s %(other)s.") % {"kind": relation.get_kind_display(), "other": other}

    return carry_out(request, record_id, "relate", draw=draw, do=do)  # type: ignore[arg-type]


@ask_or_do
def withdraw(request: HttpRequest, record_id: UUID) -> HttpResponse:
    """Take back a record before filing: its bytes are erased for good."""

    def do(user: User) -> str:
        changing.withdraw(actor=user, record_id=record_id, reason=request.POST.get("reason", ""))
        return _("Withdrawn. Its files are being erased.")

    warning = _("Its files are erased for good; this entry stays, with the reason.")
    return carry_out(request, record_id, "withdraw", draw=_dangerous(_("Withdraw this record"), _("Withdraw for good"), warning), do=do)


@ask_or_do
def void(request: HttpRequest, record_id: UUID) -> HttpResponse:
    """Withdraw a number: it stays in the register, void, and is never given again (NUM-2)."""
    user: User = request.user  # type: ignore[assignment]
    record = access.get_for_verb(user, record_id, "void")

    def do(actor: User) -> str:
        entry = numbering.void_number(actor=actor, number=record.number or "", reason=request.POST.get("reason", ""))
        return _("%(number)s is void. The record waits for a new number.") % {"number": entry.number}

    warning = _(
        "Number %(number)s stays in the register, void with its reason, and is never given again. The record goes back to filing."
    ) % {"number": record.number}
    return carry_out(request, record_id, "void", draw=_dangerous(_("Void the number"), _("Void it for good"), warning), do=do)


def _dangerous(title: str, button: str, warning: str) -> Draw:
    def draw(_record: Record, data: dict[str, str], errors: Errors) -> Act:
        return Act(title, button, [reason_input(data, errors)], warning=warning, danger=True)

    return draw  # type: ignore[return-value]
