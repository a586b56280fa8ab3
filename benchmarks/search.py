"""Search over 100,000 records with text: p50 and p95 for words, phrases, filters, facets, deep pages, with the rights of three people.

    python -m benchmarks.search [--records 100000] [--rounds 40]          the engine bare
    python -m benchmarks.search --api [--records 100000] [--rounds 40]    through the API of a running portal

Yardstick: p95 of 30 ms. The strongest neighbour measured had 128 ms at 220 documents, and 241 ms at 20,000.
"""

import argparse
import random
import resource
import statistics
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from benchmarks.contracts import TERMS, Contract, contracts, party_name

AIM = 30.0  # ms, p95
Ask = Callable[[dict], int]


def questions(sample: list[Contract], rounds: int, *, seed: int = 3) -> Iterator[tuple[str, dict]]:
    """Kinds of questions, in turn: words and windows out of the texts themselves, so that most find something."""
    dice = random.Random(seed)
    for _round in range(rounds):
        one = dice.choice(sample)
        text = one.pages[dice.randrange(2)].replace("\n", "")
        start = dice.randrange(len(text) - 12)
        first, second = dice.sample(TERMS, 2)
        yield "a frequent word", {"text": first}
        yield "two characters anywhere", {"text": text[start : start + 2]}
        yield "eight characters anywhere", {"text": text[start : start + 8]}
        yield "two words", {"text": f"{first} {second}"}
        yield "three words, one without", {"text": f"{first} {second} -{dice.choice(TERMS)}"}
        yield "a phrase in quotes", {"text": f'"{text[start : start + 6]}"'}
        yield "a number in part", {"text": one.number[-9:]}
        yield "a contract number", {"text": one.contract_number}
        yield "word, type and year", {"text": first, "filters": {"record_type": ["contract"], "year": [str(one.date.year)]}}
        yield "word, newest first", {"text": first, "sort": "date"}
        yield "word, page 100", {"text": first, "page": 100, "page_size": 50}
        yield "two words, page 20", {"text": f"{first} {second}", "page": 20, "page_size": 50}
        yield "everything, by number", {"sort": "number", "page": dice.randrange(1, 300)}
        yield "everything", {}


def measure(who: str, ask: Ask, asked: list[tuple[str, dict]]) -> list[float]:
    """Ask all, print p50 and p95 by kind in ms, return all of them."""
    times: dict[str, list[float]] = {}
    found: dict[str, list[int]] = {}
    for kind, question in asked:
        start = time.perf_counter()
        found.setdefault(kind, []).append(ask(question))
        times.setdefault(kind, []).append((time.perf_counter() - start) * 1000)
    print(f"\n{who}\n{'':28}{'p50':>8}{'p95':>8}   found")
    for kind, taken in times.items():
        print(f"{kind:28}{statistics.median(taken):8.1f}{p95(taken):8.1f}   {statistics.median(found[kind]):.0f}")
    everything = [each for taken in times.values() for each in taken]
    print(f"{'all':28}{statistics.median(everything):8.1f}{p95(everything):8.1f}   aim: p95 {AIM:.0f} ms")
    return everything


def p95(values: list[float]) -> float:
    """The value below which 95 of 100 lie."""
    return sorted(values)[max(0, round(len(values) * 0.95) - 1)]


def cpu() -> float:
    """CPU seconds of this process."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


# --- the engine bare ------------------------------------------------------------------------------------------------


def bare(count: int, rounds: int) -> None:
    """Build, then ask in this process."""
    import django
    from django.conf import settings

    settings.configure(USE_I18N=False)
    django.setup()
    from search import query
    from search.engines.embedded import EmbeddedEngine

    with tempfile.TemporaryDirectory(prefix="muniment-bench-") as folder:
        engine = EmbeddedEngine(Path(folder) / "index")
        write_in_batches(engine, min(count, 2000))
        build(engine, count, Path(folder))
        asked = list(questions(list(contracts(500)), rounds))
        for who, rights in people().items():
            measure(who, lambda question, rights=rights: engine.search(query.build(**question), rights).count, asked)


def write_in_batches(engine: Any, count: int) -> None:
    """As the worker writes: 64 documents to a commit."""
    documents = [document(one) for one in contracts(count, seed=99)]
    spent, start = cpu(), time.perf_counter()
    for at in range(0, count, 64):
        engine.write(documents[at : at + 64])
    wall = (time.perf_counter() - start) / count * 1000
    print(f"in batches of 64: {(cpu() - spent) / count * 1000:.2f} ms CPU and {wall:.2f} ms a document")


def build(engine: Any, count: int, folder: Path) -> None:
    """As `search_index rebuild` builds."""
    spent, start = cpu(), time.perf_counter()
    with engine.rebuild() as building:
        building.add(document(one) for one in contracts(count))
        building.finish(lambda ids: [])
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    print(f"built anew: {count} documents in {time.perf_counter() - start:.0f} s, {(cpu() - spent) / count * 1000:.2f} ms CPU each")
    print(f"(the making of the texts included), {size / count / 1024:.1f} KiB each on the disk")


def document(one: Contract) -> Any:
    """As the index gets it."""
    from search.documents import Document

    return Document(
        id=one.id,
        title=one.title,
        number=one.number,
        record_type=one.record_type,
        class_id=str(one.place % 12),
        class_path=("F", f"C{one.place % 12}"),
        tier=one.tier,
        state="filed",
        date=one.date,
        named=("2",) if one.place % 50 == 0 else (),
        department=one.department,
        parties=tuple((str(uuid.UUID(int=place << 64 | 1)), party_name(place)) for place in one.parties),
        numbers=(one.contract_number,),
        pages=(one.pages,),
    )


def people() -> dict[str, Any]:
    """Three people's rights."""
    from records.rights import Rights

    public, internal, higher = frozenset({"public"}), frozenset({"internal"}), frozenset({"secret", "confidential"})
    some, every = (frozenset(str(place) for place in range(number)) for number in (6, 12))
    ids = frozenset(one.id for one in contracts(60))
    return {
        "somebody who reads a third of it and knows the listing of more": Rights(
            person="1", open_tiers=public, reader_tiers=internal, listed_reader_tiers=higher, classes=some
        ),
        "somebody who reads all": Rights(
            person="2", open_tiers=public, reader_tiers=internal | higher, named_tiers=frozenset({"top-secret"}), classes=every
        ),
        "somebody who reads public records and 60 single ones": Rights(person="3", open_tiers=public, reader_tiers=internal, records=ids),
    }


def main() -> None:
    """Read the arguments and measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--records", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--api", action="store_true", help="through the API of a running portal")
    given = parser.parse_args()
    if given.api:
        from benchmarks.search_api import through_the_api

        through_the_api(given.records, given.rounds)
    else:
        bare(given.records, given.rounds)


if __name__ == "__main__":
    main()
