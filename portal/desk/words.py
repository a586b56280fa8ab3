"""Words for what the trail keeps as codes."""

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

ACTS: dict[str, str | Promise] = {
    "accept-tier": gettext_lazy("change of tier confirmed"),
    "add-version": gettext_lazy("new version"),
    "change": gettext_lazy("changed"),
    "create-volume": gettext_lazy("volume made"),
    "download": gettext_lazy("downloaded"),
    "file": gettext_lazy("filed"),
    "move": gettext_lazy("moved"),
    "number-volume": gettext_lazy("volume numbered"),
    "propose-tier": gettext_lazy("change of tier proposed"),
    "register": gettext_lazy("registered"),
    "reject-tier": gettext_lazy("change of tier rejected"),
    "relate": gettext_lazy("related"),
    "reveal": gettext_lazy("masked value shown"),
    "review-accept": gettext_lazy("reviewed and accepted"),
    "review-return": gettext_lazy("returned by review"),
    "search": gettext_lazy("searched"),
    "sign-in": gettext_lazy("signed in"),
    "sign-out": gettext_lazy("signed out"),
    "upload": gettext_lazy("file uploaded"),
    "view": gettext_lazy("looked at"),
    "void-number": gettext_lazy("number voided"),
    "withdraw": gettext_lazy("withdrawn"),
}


def act(code: str) -> str:
    """An act in words; a refused one says so; one that is not known here stands as it is."""
    if code.startswith("refused:"):
        return _("refused: %(act)s") % {"act": act(code.removeprefix("refused:"))}
    return str(ACTS.get(code) or ACTS.get(code.replace("_", "-")) or code)
