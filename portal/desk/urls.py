"""Addresses of the desk. Each view is wrapped, so that refusals become pages and nothing is kept by caches."""

from collections.abc import Callable
from typing import Any

from django.urls import URLPattern
from django.urls import path as django_path

from portal.desk.errors import page
from portal.desk.views import (
    access,
    acts,
    auditing,
    borrowing,
    change,
    copies,
    entrusted,
    filing,
    home,
    leaks,
    loan_register,
    loans,
    notices,
    places,
    record,
    register,
    releases,
    review,
    search,
    tiers,
    trail,
    volumes,
)

app_name = "desk"


def path(route: str, view: Callable[..., Any], name: str) -> URLPattern:
    """A path whose view answers refusals with pages."""
    return django_path(route, page(view), name=name)


RECORD = "records/<uuid:record_id>/"
COMPONENT = f"{RECORD}components/<uuid:component_id>/"
LOAN = "loans/<uuid:loan_id>/"
COPY = "copies/<uuid:copy_id>/"
LEAK = "leaks/<uuid:leak_id>/"
RELEASE = "releases/<uuid:release_id>/"
VOLUME = "volumes/<uuid:volume_id>/"
urlpatterns = [
    path("", home.home, name="home"),
    path("search/", search.search, name="search"),
    path("search/suggest/", search.suggest, name="suggest"),
    path("register/", register.register, name="register"),
    path("register/form/", register.register_form, name="register-form"),
    path("register/upload/", register.upload, name="upload"),
    path("register/parties/", register.party_names, name="parties"),
    path("register/returned/", register.returned, name="returned"),
    path("review/", review.review_list, name="review-list"),
    path("review/<uuid:record_id>/", review.review, name="review"),
    path("file/", filing.file_list, name="file-list"),
    path("numbers/", filing.numbers, name="numbers"),
    path("tiers/", trail.tier_list, name="tier-list"),
    path("tiers/ending/", tiers.ending, name="tiers-ending"),
    path("tiers/<uuid:change_id>/", trail.tier_decide, name="tier-decide"),
    path("loans/", loans.mine, name="loans"),
    path("loans/waiting/", loans.waiting, name="loans-waiting"),
    path("loans/waiting/decide/", loans.decide_many, name="loans-decide"),
    path("loans/counter/", loans.counter_page, name="loans-counter"),
    path("loans/register/", loan_register.register, name="loans-register"),
    path("loans/report/", loan_register.report, name="loans-report"),
    path(f"{LOAN}slip/", places.slip, name="slip"),
    path("places/", places.place_list, name="places"),
    path("places/<str:code>/", places.place, name="place"),
    path("places/<str:code>/labels/", places.labels, name="place-labels"),
    path(VOLUME, volumes.volume, name="volume"),
    path(f"{VOLUME}label/", volumes.label, name="volume-label"),
    path(f"{VOLUME}borrow/", volumes.borrow, name="volume-borrow"),
    path("q/", places.scan, name="scan"),
    path("q/<str:code>/", places.scanned, name="scanned"),
    path(f"{LOAN}decide/", loans.decide, name="loan-decide"),
    path(f"{LOAN}confirm/", loans.confirm, name="loan-confirm"),
    path(f"{LOAN}cancel/", borrowing.cancel, name="loan-cancel"),
    path(f"{LOAN}extend/", borrowing.extend, name="loan-extend"),
    path(f"{LOAN}issue/", borrowing.issue, name="loan-issue"),
    path(f"{LOAN}return/", borrowing.give_back, name="loan-return"),
    path(f"{LOAN}recall/", borrowing.recall, name="loan-recall"),
    path(f"{LOAN}report-loss/", borrowing.report_loss, name="loan-report-loss"),
    path("notices/", notices.notice_list, name="notices"),
    path("notices/read/", notices.read_all, name="notices-read"),
    path("notices/<uuid:notice_id>/", notices.notice, name="notice"),
    path("copies/", copies.copy_list, name="copies"),
    path(f"{COPY}return/", copies.give_back, name="copy-return"),
    path(f"{COPY}destroy/", copies.destroy, name="copy-destroy"),
    path(f"{COPY}witness/", copies.witness, name="copy-witness"),
    path(f"{COPY}report-loss/", copies.report_loss, name="copy-report-loss"),
    path(f"{COPY}print", copies.print_copy, name="copy-print"),
    path("entrusted/", entrusted.entrusted, name="entrusted"),
    path("entrusted/<uuid:proposal_id>/decide/", entrusted.decide, name="entrusted-decide"),
    path("entrusted/<uuid:proposal_id>/withdraw/", entrusted.withdraw, name="entrusted-withdraw"),
    path("deputies/", entrusted.deputy_list, name="deputies"),
    path("deputies/<uuid:deputy_id>/end/", entrusted.end_deputy, name="deputy-end"),
    path("people/<str:username>/leave/", entrusted.leave, name="leave"),
    path("leaks/", leaks.leak_list, name="leaks"),
    path("leaks/report/", leaks.by_number, name="leak-report"),
    path(LEAK, leaks.leak_page, name="leak"),
    path(f"{LEAK}examine/", leaks.examine, name="leak-examine"),
    path(f"{LEAK}close/", leaks.close, name="leak-close"),
    path("releases/", releases.register, name="releases"),
    path(RELEASE, releases.release_page, name="release"),
    path(f"{RELEASE}act/", releases.act, name="release-act"),
    path("audit/", auditing.audit, name="audit"),
    path("audit/export/", auditing.export, name="audit-export"),
    path("audit/unusual/", auditing.unusual_use, name="unusual"),
    path(RECORD, record.record, name="record"),
    path(f"{RECORD}versions/<int:number>/", record.record, name="version"),
    path(f"{RECORD}versions/add/", acts.add_version, name="add-version"),
    path(f"{RECORD}open/", record.open_record, name="open"),
    path(f"{RECORD}history/", record.history, name="history"),
    path(f"{RECORD}change/", change.change, name="change"),
    path(f"{RECORD}move/", acts.move, name="move"),
    path(f"{RECORD}relate/", acts.relate, name="relate"),
    path(f"{RECORD}tier/", tiers.propose_tier, name="propose-tier"),
    path(f"{RECORD}declassify/", tiers.declassify, name="declassify"),
    path(f"{RECORD}let-go/", tiers.let_go, name="let-go"),
    path(f"{RECORD}borrow/", borrowing.borrow, name="borrow"),
    path(f"{RECORD}leak/", leaks.of_record, name="report-leak"),
    path(f"{RECORD}release/", releases.ask, name="ask-release"),
    path(f"{RECORD}access/", access.access, name="access"),
    path(f"{RECORD}withdraw/", acts.withdraw, name="withdraw"),
    path(f"{RECORD}void/", acts.void, name="void"),
    path(f"{RECORD}reveal/<str:key>/", record.reveal, name="reveal"),
    path(f"{COMPONENT}content", record.download, name="content"),
    path(f"{COMPONENT}print", record.print_file, name="print"),
    path(f"{COMPONENT}text/retry/", record.retry_text, name="retry-text"),
    path(f"{COMPONENT}pages/<int:number>.png", record.page, name="page"),
    path(f"{COMPONENT}pages/<int:number>/words/", record.page_words, name="words"),
]
