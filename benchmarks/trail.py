"""How long it takes to find unusual use in the trail, beside reading the same rows bare.

    python -m benchmarks.trail [--events 100000] [--rounds 7]

The events of fourteen days, by two hundred people who open records; the page that auditors open, and the hourly job, which looks back two
days. Prints medians, their ratio to the rows bare, and the peak memory that the walk adds.
"""

import argparse
import os
import random
import statistics
import time
import tracemalloc
from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import uuid4

from benchmarks.house import environment, house

PEOPLE, RECORDS = 200, 20_000
ACTS = ("view", "view", "view", "download", "search", "refused:look")


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=7)
    asked = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    with house(port=8768) as home:
        os.environ.update(environment(home.data))
        import django

        django.setup()
        from django.utils import timezone

        from records import unusual

        now = timezone.now()
        fill(asked.events, now, random.Random(7))
        for name, back in (("page", unusual.SHOWN), ("job", unusual.JUDGED)):
            compare(name, now - back, asked.rounds)


def fill(count: int, now: datetime, dice: random.Random) -> None:
    """So many events over fourteen days, each account from three addresses of one network."""
    from records.models import AuditEvent, User

    people = User.objects.bulk_create(User(username=f"person{place}", password="!") for place in range(PEOPLE))
    records = [uuid4() for _each in range(RECORDS)]

    def event(place: int) -> AuditEvent:
        who = place % PEOPLE
        at, address = now - timedelta(days=14) * dice.random(), f"10.0.{who}.{dice.randrange(3)}"
        act, record = dice.choice(ACTS), dice.choice(records)
        return AuditEvent(at=at, actor=people[who], actor_name=people[who].username, action=act, record_id=record, from_address=address)

    AuditEvent.objects.bulk_create(map(event, range(count)), batch_size=5000)


def compare(name: str, since: datetime, rounds: int) -> None:
    """The walk beside the rows."""
    from records import unusual

    walked, bare = timed(lambda: unusual.found_since(since), rounds), timed(lambda: rows(since), rounds)
    tracemalloc.start()
    found = len(unusual.found_since(since))
    peak = tracemalloc.get_traced_memory()[1] / 2**20
    tracemalloc.stop()
    print(f"{name:5} {walked:7.0f} ms, {found} findings, {peak:.1f} MiB at most; rows bare {bare:.0f} ms, ratio {walked / bare:.1f}")


def rows(since: datetime) -> int:
    """The same rows and columns from the database's driver."""
    from django.db import connection

    with connection.cursor() as cursor:
        columns = "at, actor_id, actor_name, action, record_id, subject, from_address"
        cursor.execute(f"SELECT {columns} FROM records_auditevent WHERE at >= %s ORDER BY at, id", [since - timedelta(days=1)])
        return len(cursor.fetchall())


def timed(act: Callable[[], object], rounds: int) -> float:
    """Median milliseconds."""
    took = []
    for _round in range(rounds):
        start = time.perf_counter()
        act()
        took.append((time.perf_counter() - start) * 1000)
    return statistics.median(took)


if __name__ == "__main__":
    main()
