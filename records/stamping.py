"""The worker's share of stamped copies: those of many pages, for which nobody should wait at the door (LND-4)."""

from contextlib import suppress

from records import access, audit, outbox, renditions
from records.errors import NotAllowed
from records.models import Component, Loan, OutboxRow


def make_renditions(rows: list[OutboxRow]) -> None:
    """Outbox topic `stamp`: stamped copies of many pages; of a loan that ended meanwhile none."""
    for row in rows:
        loan = renditions.running(Loan.objects.filter(pk=row.key)).select_related("borrower").first()
        component = Component.objects.filter(pk=row.payload["component"]).select_related("stored__data_key").first()
        if loan and component and component.version.record_id == loan.record_id:
            _make(loan, component)


def _make(loan: Loan, component: Component) -> None:
    with suppress(NotAllowed):  # it ended while the pages were drawn
        renditions.made(loan, component, lambda: access.open_as_service(audit.STAMP_SERVICE, component, task="stamp"))


def register() -> None:
    """Take up the topic; called at start-up."""
    outbox.register_handler(renditions.MAKE, make_renditions)
