"""Loads the demo through the archive's own verbs: registered by one person, reviewed by another, filed with numbers.

What was loaded once is left alone for good; a load that was interrupted goes on where it stopped.
"""

import io
import queue
import threading
from collections.abc import Callable, Iterator
from typing import Any

from portal import shipped
from portal.demo import articles, borrowing, items, organisation, outside, places
from portal.demo.items import FILED, RETURNED, REVIEWED, WITHDRAWN, Item
from portal.demo.papers import Printed
from records import audit, changing, filing, intake, registration, review, volumes
from records.models import AuditEvent, Record, RecordHand, State, User, Volume

LOADED = "load-demo"  # the event that says so
DEMO_SERVICE = audit.Service("service:demo")
AHEAD = 6  # items that are printed while earlier ones are registered
BATCH = 40  # records filed in one transaction
PLACES = ("总部/A库/01柜/1层", "总部/A库/03柜/2层", "总部/A库/07柜/2层", "总部/B库/02柜/4层", "项目部/资料室/1柜")
VAULT = "总部/保险柜1"
RETURN_REASON = "签订日期与原件不符，请核对后重新提交"
WITHDRAW_REASON = "重复登记"

Say = Callable[[str], None]


def is_loaded() -> bool:
    """Whether this archive holds the whole demo: there its passwords are known, and time may be played with."""
    return AuditEvent.objects.filter(action=LOADED).exists()


def load(*, say: Say = lambda _line: None, seed: int = items.SEED, plan: list[Item] | None = None) -> int:
    """Load everything; returns how many records were registered by this call. `say` gets one line for each step.

    `plan`: other items than the seed's, for tests.
    """
    if is_loaded():
        say("the demo is loaded already")
        return 0
    shipped.load()
    say(f"people: {organisation.load_people()} added")
    say(f"grants: {organisation.load_grants()} added")
    say(f"pages: {articles.load_articles()} added")
    places.load(User.objects.get(username="archivist"), say)
    loader = Loader(plan if plan is not None else items.records(seed), say)
    count = loader.register()
    loader.relate()
    loader.add_versions()
    loader.review()
    loader.file()
    loader.withdraw()
    borrowing.load(say)
    outside.load(say)
    audit.record_event(actor=DEMO_SERVICE, action=LOADED, subject=str(len(loader.plan)))
    return count


class Loader:
    """Brings each item of a plan as far as it should come."""

    def __init__(self, plan: list[Item], say: Say) -> None:
        self.plan, self.say = plan, say
        self.people = {user.username: user for user in User.objects.select_related("clearance", "department")}
        self.known = {(slug, title): pk for pk, title, slug in Record.objects.values_list("pk", "title", "record_type__slug")}
        self.volumes: dict[str, Volume] = {volume.title: volume for volume in Volume.objects.all()}

    def pk(self, item: Item) -> Any:
        """The record's id; None before it is registered."""
        return self.known.get((item.given["record_type"], item.given["title"]))

    def in_state(self, *wanted: str, now: str) -> list[Item]:
        """Items that should come to one of these states and are in the state `now`."""
        states = dict(Record.objects.values_list("pk", "state"))
        return [item for item in self.plan if item.state in wanted and states.get(self.pk(item)) == now]

    def register(self) -> int:
        """Register what is missing: scans last, since reading them takes the machine that the rest still needs."""
        missing = sorted((item for item in self.plan if self.pk(item) is None), key=is_scan)
        for count, (item, files) in enumerate(printed_ahead(missing), 1):
            self._register(item, files)
            if count % 50 == 0 or count == len(missing):
                self.say(f"registered: {count} of {len(missing)}")
        return len(missing)

    def _register(self, item: Item, files: list[tuple[str, Printed]]) -> None:
        given = dict(item.given)
        actor = self.people[item.registrar]
        if item.volume:
            given["volume"] = self._volume(item.volume, actor).pk
        if is_scan(item):
            given["original"] = {"pages": sum(part.pages for _name, part in files), "place": place_of(item)}
        record = registration.register(actor=actor, given=registration.Particulars(**given), files=incoming(files))
        self.known[given["record_type"], given["title"]] = record.pk

    def _volume(self, title: str, actor: User) -> Volume:
        if title not in self.volumes:
            self.volumes[title] = volumes.create_volume(actor=actor, title=title, record_class="DK")
        return self.volumes[title]

    def relate(self) -> None:
        """Relations between records, once each."""
        count = 0
        by_key = {item.key: item for item in self.plan}
        for item in self.plan:
            actor = self.people[item.registrar]
            related = (
                set(Record.objects.filter(relations_in__source=self.pk(item)).values_list("pk", flat=True)) if item.relations else set()
            )
            for kind, key in item.relations:
                other = self.pk(by_key[key]) if key in by_key else None
                if other and other not in related:
                    changing.relate(actor=actor, record_id=self.pk(item), kind=kind, other_id=other)
                    count += 1
        self.say(f"related: {count}")

    def add_versions(self) -> None:
        """Later versions of a few scans."""
        for item in self.plan:
            record = Record.objects.get(pk=self.pk(item)) if item.versions else None
            if record is None or record.state != State.REGISTERED:
                continue
            for number, reason in enumerate(item.versions, 2):
                if number > record.current_version:
                    registration.add_version(
                        actor=self.people[item.registrar], record_id=record.pk, reason=reason, files=incoming(item.printed(number))
                    )

    def review(self) -> None:
        """A second person accepts, or returns to the registrar."""
        accepted = self.in_state(FILED, REVIEWED, now=State.REGISTERED)
        for item in accepted:
            review.review(actor=self._reviewer(item), record_id=self.pk(item), decision="accept")
        for item in self.in_state(RETURNED, now=State.REGISTERED):
            if not Record.objects.get(pk=self.pk(item)).returned:
                review.review(actor=self._reviewer(item), record_id=self.pk(item), decision="return", reason=RETURN_REASON)
        self.say(f"reviewed: {len(accepted)}")

    def _reviewer(self, item: Item) -> User:
        """The second person, whoever of the two registered."""
        hands = set(RecordHand.objects.filter(record_id=self.pk(item)).values_list("user__username", flat=True))
        return self.people[item.reviewer if item.reviewer not in hands else item.registrar]

    def file(self) -> None:
        """Number what is complete: what only named people know by its own archivist, the rest in batches, volumes whole."""
        waiting = self.in_state(FILED, now=State.REVIEWED)
        for item in [item for item in waiting if item.registrar == "registrar"]:
            filing.file_record(actor=self.people["registrar"], record_id=self.pk(item))
        rest = [item for item in waiting if item.registrar != "registrar"]
        for start in range(0, len(rest), BATCH):
            filing.file_batch(actor=self.people["archivist"], record_ids=[self.pk(item) for item in rest[start : start + BATCH]])
        self.say(f"filed: {len(waiting)}")

    def withdraw(self) -> None:
        """One was registered by mistake."""
        for item in self.in_state(WITHDRAWN, now=State.REGISTERED):
            changing.withdraw(actor=self.people[item.registrar], record_id=self.pk(item), reason=WITHDRAW_REASON)


def is_scan(item: Item) -> bool:
    """Whether paper lies behind it, and its text has to be read from pictures."""
    return any(file.form in (items.SCAN, items.TIFF, items.JPEG) for file in item.files)


def place_of(item: Item) -> str:
    """Where the paper lies: titles in the safe."""
    return VAULT if item.given["record_class"] == "QZ" else PLACES[sum(map(ord, item.key)) % len(PLACES)]


def incoming(files: list[tuple[str, Printed]]) -> list[intake.Incoming]:
    """Files as they are sent."""
    return [intake.Incoming(name, io.BytesIO(part.content)) for name, part in files]


def printed_ahead(wanted: list[Item]) -> Iterator[tuple[Item, list[tuple[str, Printed]]]]:
    """Items with their files, printed by a thread of their own while the store is waited for. An error in it is raised here."""
    ready: queue.Queue[tuple[Item, list[tuple[str, Printed]]] | BaseException] = queue.Queue(AHEAD)
    stopped = threading.Event()

    def work() -> None:
        try:
            for item in wanted:
                if stopped.is_set():
                    return
                ready.put((item, item.printed()))
        except BaseException as error:  # noqa: BLE001 - handed over to the caller
            ready.put(error)

    threading.Thread(target=work, daemon=True, name="demo-printer").start()
    try:
        for _item in wanted:
            found = ready.get()
            if isinstance(found, BaseException):
                raise found
            yield found
    finally:
        stopped.set()
        while not ready.empty():
            ready.get_nowait()
