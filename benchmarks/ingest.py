"""How many documents a minute, from the first byte sent to all of them findable; and what each part costs bare.

    .venv/bin/python -m benchmarks.ingest [--documents 200] [--scans 20] [--clients 4]

Prints accepted per second, documents per minute until all are findable, CPU seconds per document of all processes, peak memory
(PSS), beside the parts bare: seal and put, open and extract, recognise (OCR), index.
"""

import argparse
import io
import json
import os
import statistics
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import urllib3

from benchmarks.house import House, environment, house, wait_until

Document = tuple[str, bytes, dict[str, Any]]


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--documents", type=int, default=200)
    parser.add_argument("--scans", type=int, default=20)
    parser.add_argument("--clients", type=int, default=4)
    asked = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    with house() as home:
        os.environ.update(environment(home.data))
        import django

        django.setup()
        from portal.demo import bulk

        born = list(bulk.contracts(seed=1, count=asked.documents))
        scans = list(bulk.scans(seed=2, count=asked.scans))
        token = prepare(home)
        print(
            f"{asked.documents} born-digital contracts of two pages, {asked.scans} scans, {asked.clients} clients, {os.cpu_count()} cores"
        )
        through(home, token, born, asked.clients, "born-digital")
        if scans:
            through(home, token, [*born[:0], *scans], asked.clients, "scans")
        bare(home, born)


def prepare(home: House) -> str:
    """An archivist with a token that may write."""
    home.manage("shell", "-c", "from portal.demo import organisation; organisation.load_people(); organisation.load_grants()")
    return home.manage("issue_token", "archivist", "--scope", "write").split()[-1]


def through(home: House, token: str, documents: list[Document], clients: int, name: str) -> None:
    """Send all, wait until the last one is found by its own contract number, print."""
    before, start = home.cost.cpu(), time.perf_counter()
    pool = urllib3.PoolManager(maxsize=clients, headers={"Authorization": f"Bearer {token}"})
    with ThreadPoolExecutor(clients) as workers:
        ids = list(workers.map(lambda document: register(pool, home, document), documents))
    accepted = time.perf_counter() - start
    wait_until(lambda: not waiting(), seconds=900)
    findable, cpu = time.perf_counter() - start, home.cost.cpu() - before
    count = len(documents)
    if lost := [pk for pk in ids if not ready_and_found(pool, home, pk)]:  # afterwards: asking costs the portal something
        raise RuntimeError(f"{len(lost)} of {count} documents are not findable: {lost}")
    print(
        f"{name}: {count / accepted:.1f} accepted/s; {count / findable * 60:.0f} documents/min until all are findable;"
        f" {cpu / count:.3f} CPU s/document; peak PSS {home.cost.peak_pss / 2**30:.2f} GiB"
    )


def register(pool: urllib3.PoolManager, home: House, document: Document) -> str:
    """One record through the API; its id."""
    name, content, given = document
    form = {
        key: value if isinstance(value, str) else json.dumps(value, ensure_ascii=False) for key, value in given.items() if value is not None
    }
    answer = pool.request("POST", f"{home.url}/api/v1/records/", fields=form | {"files": (name, content)}, encode_multipart=True)
    if answer.status != 201:
        raise RuntimeError(f"{answer.status} {answer.data.decode()}")
    return answer.json()["id"]


def waiting() -> int:
    """How many rows the outbox still holds; read from the database, so that polling costs the portal nothing."""
    from records.models import OutboxRow

    return OutboxRow.objects.filter(done_at__isnull=True, topic__in=["text", "ocr", "index"]).count()


def ready_and_found(pool: urllib3.PoolManager, home: House, pk: str) -> bool:
    """Whether all text of a record was read, and searching for its title finds it."""
    record = pool.request("GET", f"{home.url}/api/v1/records/{pk}/").json()
    fields = {"q": f'"{record["title"]}"', "page_size": "200"}
    found = pool.request("GET", f"{home.url}/api/v1/search/", fields=fields).json()["results"]
    read = all(component["text"]["state"] == "ready" for component in record["version"]["components"])
    return read and any(hit["id"] == pk for hit in found)


def bare(home: House, born: list[Document]) -> None:
    """The parts by themselves, one after another: medians in milliseconds for one document."""
    from search.text import extraction
    from storage import formats, objects
    from storage.models import DataKey

    key, path = DataKey.make(), home.data / "spool" / "bare"

    def put(document: Document) -> None:
        objects.put(io.BytesIO(document[1]), data_key=key, associated="bench")

    def recognise(document: Document) -> None:
        path.write_bytes(document[1])
        formats.recognise(path, name=document[0])

    def text(document: Document) -> None:
        path.write_bytes(document[1])
        list(extraction.extract(path, media_type="application/pdf"))

    parts = {act.__name__: timed(act, born[:40]) for act in (put, recognise, text)}
    print("bare: " + ", ".join(f"{name} {took:.1f} ms" for name, took in parts.items()) + " (medians, one document)")


def timed(act: Callable[[Document], object], documents: list[Document]) -> float:
    """Median milliseconds of `act` over the documents."""
    took = []
    for document in documents:
        start = time.perf_counter()
        act(document)
        took.append((time.perf_counter() - start) * 1000)
    return statistics.median(took)


if __name__ == "__main__":
    main()
