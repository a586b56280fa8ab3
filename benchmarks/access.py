"""What the access filter costs: a list, a search and a page image as a person of many groups, beside the same with everything open.

    python -m benchmarks.access [--records 100000] [--rounds 60]

500 groups, 5,000 grants, 2,000 running loans; the person is in 40 of the groups and has 20 of the loans. With and without the
filter take turns. Prints medians, their ratio (aim: 1.2), and the number of SQL statements of each page.
"""

import argparse
import os
import random
import statistics
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from typing import Any
from unittest import mock

import urllib3

from benchmarks.contracts import TERMS
from benchmarks.house import environment, house

PORT = 8767
GROUPS, GRANTS, LOANS, BORROWERS = 500, 5000, 2000, 100
AIM = 1.2


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--records", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=60)
    asked = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    with house(port=PORT) as home:
        os.environ.update(environment(home.data))
        import django

        django.setup()
        from benchmarks.ingest import prepare, register, waiting
        from benchmarks.search_api import fill
        from portal.demo import bulk

        token = prepare(home)
        fill(asked.records)
        crowd(random.Random(5))
        print(home.manage("search_index", "rebuild"))
        pool = urllib3.PoolManager(headers={"Authorization": f"Bearer {token}"})
        record = register(pool, home, next(iter(bulk.contracts(seed=1, count=1))))
        while waiting():
            time.sleep(0.2)
        compare(home.manage("issue_token", "staff").split()[-1], pages_of(record), asked.rounds)


def crowd(dice: random.Random) -> None:
    """Groups with grants on single records, people with loans; `staff` among them."""
    from django.contrib.auth.models import Group

    from records.models import Grant, Record, User

    groups = Group.objects.bulk_create(Group(name=f"group {place}") for place in range(GROUPS))
    ids = list(Record.objects.values_list("pk", flat=True))
    Grant.objects.bulk_create(
        Grant(record_id=dice.choice(ids), group=dice.choice(groups)) for _each in range(GRANTS - Grant.objects.count())
    )
    User.objects.get(username="staff").groups.add(*dice.sample(groups, 40))
    people = User.objects.bulk_create(User(username=f"borrower{place}", password="!") for place in range(BORROWERS - 1))
    _lend([*people, User.objects.get(username="staff")], dice.sample(ids, min(LOANS, len(ids))))


def _lend(people: list[Any], ids: list[Any]) -> None:
    from django.utils import timezone

    from records.models import Loan, LoanState

    until = timezone.now() + timedelta(days=7)
    same = {"use": "view", "purpose": "-", "until": until, "state": LoanState.ACTIVE}
    loans = [(place, pk, people[place % len(people)]) for place, pk in enumerate(ids)]
    Loan.objects.bulk_create(Loan(number=f"B-{place}", record_id=pk, borrower=who, asked_by=who, **same) for place, pk, who in loans)


def pages_of(record: str) -> dict[str, Any]:
    """What is asked for, by name: the address for a round."""
    from records.models import Component

    component = Component.objects.get(version__record=record).pk
    return {
        "list page": lambda _round: "/api/v1/records/?page_size=50",
        "search": lambda place: f"/api/v1/search/?q={TERMS[place % len(TERMS)]}",
        "page image": lambda _round: f"/api/v1/records/{record}/components/{component}/pages/1.png",
    }


def compare(token: str, pages: dict[str, Any], rounds: int) -> None:
    """Each page with the filter and without, in turn."""
    print(f"\n{'':14}{'with':>10}{'without':>10}{'ratio':>8}   SQL statements   aim {AIM}")
    for name, address in pages.items():
        ask = asker(token)
        ask(address(0))
        taken: dict[str, list[float]] = {"with": [], "without": []}
        for place in range(rounds):
            taken["with"].append(timed(ask, address(place)))
            with everything_open():
                taken["without"].append(timed(ask, address(place)))
        filtered, plain = (statistics.median(each) for each in taken.values())
        print(f"{name:14}{filtered:8.1f}ms{plain:8.1f}ms{filtered / plain:8.2f}   {statements(ask, address(0))}")


def asker(token: str) -> Any:
    """Asks the portal in this process, without the network between."""
    from django.test import Client

    client = Client(headers={"Authorization": f"Bearer {token}"}, SERVER_NAME="127.0.0.1")

    def ask(address: str) -> None:
        answer = client.get(address)
        assert answer.status_code == 200, answer.content[:500]

    return ask


def timed(ask: Any, address: str) -> float:
    """Milliseconds."""
    start = time.perf_counter()
    ask(address)
    return (time.perf_counter() - start) * 1000


def statements(ask: Any, address: str) -> int:
    """How many SQL statements it takes."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as seen:
        ask(address)
    return len(seen)


@contextmanager
def everything_open() -> Iterator[None]:
    """Rights that ask for nothing: no row is filtered, and the engine gets one clause that is true for all."""
    from django.db.models import Q

    from records import access
    from records.models import Tier
    from records.rights import Rights

    tiers = dict(Tier.objects.values_list("slug", "pk"))
    every = Rights(person="", open_tiers=frozenset(tiers), tier_ids=tiers)
    with ExitStack() as stack:
        for name, answer in (("_read_rights", every), ("_asked_of_row", ~Q(pk=None))):
            stack.enter_context(mock.patch.object(access, name, return_value=answer))
        yield


if __name__ == "__main__":
    main()
