"""The contract over the real embedded server: as our own, and as a stranger's store reached by its address, with versions and without."""

import uuid

import pytest

from storage import client, objects
from storage.embedded import read_connection
from storage.errors import DigestMismatch, SealBroken, StoreUnavailable
from tests.contracts.store import StoreContract, keep, keys, overwrite
from tests.storage.proxy import proxy


@pytest.fixture
def bucket(store, settings, monkeypatch):
    """The worker's bucket, as if it were empty: each bucket has files of its own, and the server takes a hundred or so."""
    monkeypatch.setattr(objects, "PREFIX", f"objects/{uuid.uuid4().hex[:8]}/")
    return settings.S3_BUCKET


def by_address(settings, connection, *, port=None):
    """Point the settings at the server as at any other S3 store."""
    settings.S3_ENDPOINT_URL = f"http://127.0.0.1:{port or connection.ports.s3}"
    settings.S3_ACCESS_KEY, settings.S3_SECRET_KEY = connection.access_key, connection.secret_key


class TestEmbedded(StoreContract):
    """Our own server: flushed, vacuumed, looked into."""

    @pytest.fixture
    def place(self, bucket):
        """Nothing more to do."""


class TestForeign(StoreContract):
    """A store we know by its address only."""

    @pytest.fixture
    def place(self, bucket, store, settings):
        """The same server, without the knowledge that it is ours."""
        by_address(settings, read_connection(store))


class TestVersioned(StoreContract):
    """A foreign bucket that keeps versions."""

    @pytest.fixture
    def place(self, bucket, store, settings):
        """Switch versions on."""
        by_address(settings, read_connection(store))
        settings.S3_BUCKET = f"{bucket}-versions"
        objects.ensure_bucket()
        objects._s3().put_bucket_versioning(Bucket=settings.S3_BUCKET, VersioningConfiguration={"Status": "Enabled"})

    def test_every_version_and_marker_is_erased(self):  # RET-7
        obj = keep(b"content" * 1000)
        overwrite(obj, b"a second version")
        objects._s3().delete_object(Bucket=objects.settings.S3_BUCKET, Key=obj.key)  # leaves a marker, and both versions
        assert keys() == []
        assert not objects.prove_absent(obj)

        objects.erase(obj)

        assert objects.prove_absent(obj)


@pytest.mark.django_db
class TestBrokenWire:
    """Between us and the store something fails: nothing is acknowledged that is not there, nothing is left behind (STO-2)."""

    @pytest.fixture
    def wire(self, bucket, store, settings, monkeypatch):
        """A proxy before the real server."""
        monkeypatch.setattr(client, "TRIES", 1)
        connection = read_connection(store)
        with proxy(connection.ports.s3) as wire:
            by_address(settings, connection, port=wire.port)
            yield wire

    def test_a_whole_wire_is_no_obstacle(self, wire):
        obj = keep(bytes(50_000))
        assert b"".join(objects.read_range(obj)) == bytes(50_000)

    @pytest.mark.parametrize("direction", ["up", "down"])
    def test_a_flipped_bit_is_noticed_when_reading_back(self, wire, direction):
        wire.flip = direction
        with pytest.raises(DigestMismatch):
            keep(bytes(50_000))
        assert wire.hits
        assert keys() == []

    @pytest.mark.parametrize("direction", ["up", "down"])
    def test_a_cut_connection_leaves_nothing(self, wire, direction):
        wire.cut = direction
        with pytest.raises(StoreUnavailable):
            keep(bytes(50_000))
        assert wire.hits
        assert keys() == []

    def test_a_connection_cut_once_is_tried_again(self, wire, monkeypatch):
        monkeypatch.setattr(client, "TRIES", 3)
        wire.cut, wire.times = "up", 1
        obj = keep(bytes(50_000))
        assert wire.hits == 1
        assert keys() == [obj.key]

    def test_reading_over_a_broken_wire_gives_no_wrong_bytes(self, wire):
        obj = keep(bytes(50_000))
        wire.flip = "down"
        with pytest.raises(SealBroken):
            b"".join(objects.read_range(obj))
        wire.flip, wire.cut = "", "down"
        with pytest.raises((SealBroken, StoreUnavailable)):
            b"".join(objects.read_range(obj))
