"""Numbers that run through a year, of loans and releases: one after the other, none left out (LND-7, SEC-11)."""

from collections.abc import Iterable

from django.utils import timezone

from records.models import KnownBy, Tier, YearCounter


def following(series: str, tiers: Iterable[Tier]) -> str:
    """The next of this year, `JY-2026-0001`, inside the running transaction: under the counter's lock, so that an abort leaves no gap.

    What is about records of a tier that only named people know runs apart, under the tier's prefix: a gap would tell of it (NUM-2, SEC-5).
    """
    hidden = max((tier for tier in tiers if tier.known_by == KnownBy.NAMED), key=lambda tier: tier.rank, default=None)
    own, year = f"{hidden.number_prefix if hidden else ''}{series}", timezone.localdate().year
    for name in dict.fromkeys((series, own)):  # made in one order, too: two acts that begin a year do not wait for each other
        YearCounter.objects.get_or_create(series=name, year=year)
    rows = YearCounter.objects.select_for_update().filter(series__in={series, own}, year=year).order_by("pk")
    counter = {row.series: row for row in rows}[own]  # both are locked, in one order: an act may need the other one next
    YearCounter.objects.filter(pk=counter.pk).update(next=counter.next + 1)
    return f"{own}-{year}-{counter.next:04}"
