"""Words for what the trail and the list of jobs keep as codes."""

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from records import errors
from records.unusual import Finding

ACTS: dict[str, str | Promise] = {
    "accept-entrusting": gettext_lazy("confirmed what was proposed"),
    "accept-tier": gettext_lazy("change of tier confirmed"),
    "add-version": gettext_lazy("new version"),
    "approve-loan": gettext_lazy("loan approved"),
    "approve-release": gettext_lazy("release to outside agreed"),
    "ask-password-mail": gettext_lazy("asked for a password mail"),
    "cancel-loan": gettext_lazy("loan given up"),
    "cancel-release": gettext_lazy("release to outside given up"),
    "change": gettext_lazy("changed"),
    "change-mail-address": gettext_lazy("mail address changed"),
    "change-password": gettext_lazy("password changed"),
    "close-leak": gettext_lazy("leak report closed"),
    "close-release": gettext_lazy("release to outside closed"),
    "change-standing": gettext_lazy("rights of a person changed"),
    "confirm-issue": gettext_lazy("issue confirmed"),
    "confirm-return": gettext_lazy("return confirmed"),
    "create-volume": gettext_lazy("volume made"),
    "destroy-copy": gettext_lazy("copy destroyed, waits for its witness"),
    "declassify": gettext_lazy("declassified"),
    "download": gettext_lazy("downloaded"),
    "due": gettext_lazy("due date set anew"),
    "examine-leak": gettext_lazy("leak report taken up"),
    "export": gettext_lazy("register exported"),
    "file": gettext_lazy("filed"),
    "first-administrator": gettext_lazy("first administrator made"),
    "give-release": gettext_lazy("given to outside"),
    "issue-loan": gettext_lazy("paper issued"),
    "issue-token": gettext_lazy("API token made"),
    "let-go": gettext_lazy("let the secrecy end"),
    "end-deputy": gettext_lazy("deputy's period ended"),
    "first-officer": gettext_lazy("first security officer named"),
    "hand-over": gettext_lazy("handed to a successor"),
    "leave": gettext_lazy("person left"),
    "load-demo": gettext_lazy("demo data loaded"),
    "make-place": gettext_lazy("place made"),
    "move": gettext_lazy("moved"),
    "name-deputy": gettext_lazy("deputy named"),
    "number-volume": gettext_lazy("volume numbered"),
    "open": gettext_lazy("opened, with a purpose"),
    "print": gettext_lazy("printed"),
    "print-copy": gettext_lazy("copy printed"),
    "propose-entrusting": gettext_lazy("proposed to entrust"),
    "propose-tier": gettext_lazy("change of tier proposed"),
    "recall-loan": gettext_lazy("loan recalled"),
    "register": gettext_lazy("registered"),
    "reject-entrusting": gettext_lazy("rejected what was proposed"),
    "reject-loan": gettext_lazy("loan rejected"),
    "reject-release": gettext_lazy("release to outside rejected"),
    "reject-tier": gettext_lazy("change of tier rejected"),
    "relate": gettext_lazy("related"),
    "report-leak": gettext_lazy("leak reported"),
    "report-loss-loan": gettext_lazy("paper reported lost"),
    "request-loan": gettext_lazy("loan asked for"),
    "request-release": gettext_lazy("release to outside asked for"),
    "report-loss-copy": gettext_lazy("copy reported lost"),
    "return-copy": gettext_lazy("copy returned"),
    "return-loan": gettext_lazy("loan returned"),
    "return-release": gettext_lazy("back from outside"),
    "reveal": gettext_lazy("masked value shown"),
    "review-accept": gettext_lazy("reviewed and accepted"),
    "review-return": gettext_lazy("returned by review"),
    "revoke-grant": gettext_lazy("grant taken away"),
    "revoke-token": gettext_lazy("API token revoked"),
    "search": gettext_lazy("searched"),
    "send-loan-report": gettext_lazy("report of loans sent"),
    "send-password-mail": gettext_lazy("password mail sent"),
    "set-password": gettext_lazy("password set"),
    "set-schedule": gettext_lazy("retention schedule set"),
    "setup:add": gettext_lazy("workbench: added"),
    "setup:change": gettext_lazy("workbench: changed"),
    "setup:delete": gettext_lazy("workbench: deleted"),
    "sign-in": gettext_lazy("signed in"),
    "sign-in-failed": gettext_lazy("sign-in failed"),
    "sign-out": gettext_lazy("signed out"),
    "unname": gettext_lazy("name taken off a record"),
    "upload": gettext_lazy("file uploaded"),
    "use-token": gettext_lazy("API token used"),
    "view": gettext_lazy("looked at"),
    "view-listing": gettext_lazy("looked at the listing"),
    "void-number": gettext_lazy("number voided"),
    "withdraw": gettext_lazy("withdrawn"),
    "witness-copy": gettext_lazy("destruction of a copy witnessed"),
    "withdraw-proposal": gettext_lazy("proposal taken back"),
}
# Verbs whose events have other names: only refusals stand in the trail under these.
TRIES: dict[str, str | Promise] = {
    "change-tier": gettext_lazy("change of tier proposed"),
    "confirm-loan": gettext_lazy("count confirmed"),
    "decide-entrusting": gettext_lazy("proposal decided"),
    "decide-loan": gettext_lazy("loan decided"),
    "decide-release": gettext_lazy("release to outside decided"),
    "decide-tier": gettext_lazy("change of tier decided"),
    "declassify-on-event": gettext_lazy("declassification proposed"),
    "extend-loan": gettext_lazy("loan prolonged"),
    "file-batch": gettext_lazy("filed"),
    "look": gettext_lazy("looked at"),
    "open-record": gettext_lazy("opened, with a purpose"),
    "report-copy-loss": gettext_lazy("copy reported lost"),
    "propose-grant": gettext_lazy("grant proposed"),
    "propose-set-up": gettext_lazy("change of the set-up proposed"),
    "report-loss": gettext_lazy("paper reported lost"),
    "review": gettext_lazy("reviewed"),
    "void": gettext_lazy("number voided"),
}
REFUSED = "refused:"  # what the names of refused acts begin with
JOBS: dict[str, str | Promise] = {
    "audit_anchor": gettext_lazy("Anchor the audit trail"),
    "audit_verify": gettext_lazy("Prove the audit trail"),
    "clean_outbox": gettext_lazy("Clear finished work"),
    "clean_sessions": gettext_lazy("Clear ended sign-ins"),
    "erase_uploads": gettext_lazy("Erase uploads nobody registered"),
    "expire_loans": gettext_lazy("Note which loans ended"),
    "forget_answers": gettext_lazy("Forget the API's first answers"),
    "mail_again": gettext_lazy("Try failed mails again"),
    "mail_digests": gettext_lazy("Mail the day's notices"),
    "remind": gettext_lazy("Remind of what is due"),
    "retention_run": gettext_lazy("Declassify, remind, set due dates"),
    "search_index_update": gettext_lazy("Compare index and records"),
    "send_loan_report": gettext_lazy("Send the month's report of loans"),
    "storage_reconcile": gettext_lazy("Compare store and records"),
    "unusual_use": gettext_lazy("Look for unusual use"),
}


def act(code: str) -> str:
    """An act in words; a refused one says so; one that is not known here stands as it is."""
    if code.startswith(REFUSED):
        return _("refused: %(act)s") % {"act": act(code.removeprefix(REFUSED))}
    plain = code.replace("_", "-")
    return str(ACTS.get(plain) or TRIES.get(plain) or code)


def why(code: str, reason: str) -> str:
    """What stands beside an act: of a refused one its sentence, of a search how many were found, else what was said."""
    if code.startswith(REFUSED):
        return errors.sentence_of(reason) or reason
    if code == "search" and reason.isdecimal():
        return ngettext("%(n)d found", "%(n)d found", int(reason)) % {"n": int(reason)}
    return reason


def acts_to_choose() -> list[tuple[str, str]]:
    """Everything that was refused, then each act, as a filter offers them."""
    return [(REFUSED, _("everything refused")), *sorted(((code, str(word)) for code, word in ACTS.items()), key=lambda pair: pair[1])]


def unusual(finding: Finding) -> str:
    """A finding as a sentence: that a line was crossed, not by how much (AUD-3)."""
    told = {"limit": finding.limit, "minutes": finding.minutes, "networks": ", ".join(finding.networks)}
    sentences = {
        "many-records": _("%(limit)s records or more opened within %(minutes)s minutes"),
        "night": _("%(limit)s records or more opened at night"),
        "refusals": _("refused %(limit)s times or more within %(minutes)s minutes"),
        "sign-ins": _("%(limit)s sign-ins or more failed within %(minutes)s minutes"),
        "places": _("used from %(networks)s within %(minutes)s minutes"),
        "leaks": _("%(limit)s leaks or more reported within a day"),
        "reveals": _("%(limit)s masked values or more shown within %(minutes)s minutes"),
    }
    return sentences[finding.rule] % told


def job(name: str) -> str:
    """A regular job in words; one that is not known here stands as it is."""
    return str(JOBS.get(name, name))
