"""The embedded engine: Tantivy in the process, on the disk of this machine. One writer at a time, any number of readers."""

import threading
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from uuid import UUID

import tantivy
from django.utils.translation import gettext as _

from records.rights import Rights
from search import query as queries
from search.documents import FACETS, Document, Found, Hit
from search.engines import layout
from search.engines.asked import Asker
from search.engines.base import Remake
from search.engines.reading import Page, hits
from search.engines.shelf import Shelf
from search.errors import EngineUnavailable, NotErased
from search.query import Query

HEAP = 64_000_000  # bytes of memory for a batch being written; about 10,000 pages
STEP = 2_000  # documents to a commit while a generation is being made
ROUNDS = 5  # in which what was touched during a rebuild is taken in without stopping writers


class EmbeddedEngine:
    """See `engines.base.Engine`."""

    name = "tantivy"

    def __init__(self, root: Path) -> None:
        self.shelf = Shelf(root)
        self._lock = threading.Lock()
        self._open: tuple[Path, tantivy.Index] | None = None
        self._seen: tuple[int, int] | None = None

    # --- writing ---

    def write(self, documents: Iterable[Document], deletions: Iterable[str] = ()) -> None:
        """See Engine."""
        made = list(documents)
        with self._writing():
            self._put(made, [str(each) for each in deletions])

    def refresh(self, ids: Collection[str], remake: Remake) -> set[str]:
        """See Engine."""
        with self._alone():
            made = list(remake(ids))
            gone = set(ids) - {document.id for document in made}
            with _translated():
                self._put(made, gone)
        return gone

    def _put(self, documents: list[Document], deletions: Collection[str]) -> None:
        """To be called while nobody else writes."""
        made = [(document.id, layout.tantivy_document(document)) for document in documents]
        self.shelf.touch([*(each for each, _made in made), *deletions])
        _commit(_opened(self._serving()), made, deletions)

    @contextmanager
    def _writing(self) -> Iterator[None]:
        with self._alone(), _translated():
            yield

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Nobody else writes; what goes wrong inside stays what it is."""
        with ExitStack() as held:
            with _translated():
                self.shelf.prepare()
                held.enter_context(self.shelf.writing())
            yield

    def _serving(self) -> Path:
        """The generation that serves; the first is made here."""
        current = self.shelf.current
        if current is None:
            current = self.shelf.fresh()
            tantivy.Index(layout.schema(), str(current))
            self.shelf.serve(current)
        return current

    # --- reading ---

    def search(self, query: Query, rights: Rights, *, facets: bool = True) -> Found:
        """See Engine."""
        with _translated():
            index = self._index()
            asker = Asker(index.schema, rights)
            page = Page(index.searcher(), asker, query.sort)
            sides = asker.found(query)
            count, values = page.counted(sides, set(FACETS) - set(query.filters) if facets else ())
            for name in query.filters if facets else ():
                values |= page.counted(asker.found(query, without=name), [name])[1]
            rows = page.rows(
                sides, asker.features(query), base=float(bool(query.wanted)), offset=query.offset, limit=query.page_size, total=count
            )
            return Found(count, hits(rows), {name: values[name] for name in FACETS if name in values})

    def suggest(self, text: str, rights: Rights, *, limit: int = 8) -> tuple[Hit, ...]:
        """See Engine."""
        clauses = tuple(each for each in queries.parse(text) if not each.negated)
        if not clauses:
            return ()
        with _translated():
            index = self._index()
            asker = Asker(index.schema, rights)
            page = Page(index.searcher(), asker)
            sides = asker.suggested(clauses)
            features = [each for each in asker.features(Query(clauses)) if each.listed is not None]
            return hits(page.rows(sides, features, base=1.0, offset=0, limit=limit, total=page.count(sides)))

    def _index(self) -> tantivy.Index:
        """The index as of the last commit, whoever made it: looking at two files tells whether there was one."""
        current = self.shelf.current
        if current is None:
            with self._writing():
                current = self._serving()
        with self._lock:
            if self._open is None or self._open[0] != current:
                self._open, self._seen = (current, _opened(current)), None
            state = (current / "meta.json").stat()
            seen = (state.st_ino, state.st_mtime_ns)
            if seen != self._seen:
                self._open[1].reload()
                self._seen = seen
            return self._open[1]

    def stamps(self) -> Iterator[tuple[str, str]]:
        """See Engine."""
        with _translated():
            searcher = self._index().searcher()
            found = searcher.terms_with_prefix("stamp", "", tantivy.Query.all_query())
        return ((each[16:], each[:16]) for each, count in found if count)

    def holds(self, record_id: str) -> bool:
        """See Engine."""
        with _translated():
            return self._index().searcher().doc_freq("id", record_id) > 0

    def check(self) -> None:
        """See Engine."""
        with _translated():
            self._index().searcher()

    # --- a new generation ---

    def erase(self, ids: Collection[str], *, remake: Remake, everything: Callable[[], Iterable[Document]]) -> None:
        """See Engine. A file of Tantivy's cannot lose a document, so unless none is left in it all is written anew."""
        self.write((), ids)
        if any(map(self.holds, ids)):
            with self.rebuild() as building:
                building.add(everything())
                building.finish(remake)
        if left := [each for each in ids if self.holds(each)]:
            raise NotErased(_("The index still holds words of %(count)d erased records.") % {"count": len(left)})

    @contextmanager
    def rebuild(self) -> Iterator["_Building"]:
        """See Engine."""
        with _translated():
            self.shelf.prepare()
            with self.shelf.building():
                yield _Building(self)


class _Building:
    def __init__(self, engine: EmbeddedEngine) -> None:
        self.engine = engine
        self.path = engine.shelf.fresh()
        tantivy.Index(layout.schema(), str(self.path))

    def add(self, documents: Iterable[Document]) -> None:
        index = _opened(self.path)
        writer = index.writer(HEAP, 1)
        for place, document in enumerate(documents, start=1):
            _replace(writer, document.id, layout.tantivy_document(document))
            if place % STEP == 0:
                writer.commit()
        writer.commit()
        writer.wait_merging_threads()

    def finish(self, remake: Remake) -> None:
        shelf = self.engine.shelf
        for _round in range(ROUNDS):
            with shelf.writing():
                touched = shelf.take_touched()
            if not touched:
                break
            self._take_in(touched, remake)
        with shelf.writing():
            self._take_in(shelf.take_touched(), remake)
            shelf.serve(self.path)

    def _take_in(self, ids: list[str], remake: Remake) -> None:
        if ids:
            made = [(document.id, layout.tantivy_document(document)) for document in remake(ids)]
            _commit(_opened(self.path), made, ids)


def _opened(path: Path) -> tantivy.Index:
    index = tantivy.Index.open(str(path))
    layout.register(index)
    index.config_reader("manual")
    return index


def _commit(index: tantivy.Index, made: list[tuple[str, tantivy.Document]], gone: Iterable[str]) -> None:
    writer = index.writer(HEAP, 1)
    for each in gone:
        writer.delete_documents_by_term("id", each)
    for each, document in made:
        _replace(writer, each, document)
    writer.commit()
    writer.wait_merging_threads()


def _replace(writer: tantivy.IndexWriter, record_id: str, document: tantivy.Document) -> None:
    UUID(record_id)  # ids are compared as text: one spelling
    writer.delete_documents_by_term("id", record_id)
    writer.add_document(document)


@contextmanager
def _translated() -> Iterator[None]:
    """Whatever Tantivy or the disk says becomes one error of ours (docs/architecture.md, decision 17)."""
    try:
        yield
    except (OSError, RuntimeError) as error:
        raise EngineUnavailable from error
    except ValueError as error:
        if type(error).__module__ == "builtins":
            raise EngineUnavailable(_("The search index cannot be read or written: %(why)s") % {"why": error}) from error
        raise
