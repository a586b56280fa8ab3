"""The embedded server's own keys: made once, mode 0600, never sent anywhere.

gRPC between its parts is mutual TLS under a certificate authority whose key is thrown away after signing one certificate: nobody can make
a second one. HTTP between its parts carries tokens signed with the `jwt` keys. The S3 door has one access key.
"""

import datetime
import json
import secrets
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from storage.embedded.connection import write_private

LIFE = datetime.timedelta(days=100 * 365)  # both ends lie in one folder: a certificate that ran out would protect nothing
PARTS = ("volume", "master", "filer", "s3", "client")
JWT_SECTIONS = ("jwt.signing", "jwt.signing.read", "jwt.filer_signing", "jwt.filer_signing.read")


def make_keys(folder: Path) -> None:
    """Make the keys that are missing in `folder` (the embedded server's), and write the server's own two configuration files from them."""
    keys = folder / "keys"
    keys.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not (keys / "node.key").exists():
        _make_certificate(keys)
    if not (keys / "secrets.json").exists():
        write_private(keys / "secrets.json", json.dumps(_fresh_secrets()).encode())
    kept = json.loads((keys / "secrets.json").read_text())
    write_private(folder / "security.toml", _security_toml(keys, kept["jwt"]).encode())
    write_private(folder / "s3.json", json.dumps(_identities(kept)).encode())


def access_keys(folder: Path) -> tuple[str, str]:
    """Access key and secret key of the S3 door."""
    kept = json.loads((folder / "keys" / "secrets.json").read_text())
    return kept["access_key"], kept["secret_key"]


def _fresh_secrets() -> dict[str, object]:
    jwt = {section: secrets.token_urlsafe(32) for section in JWT_SECTIONS}
    return {"access_key": secrets.token_hex(10), "secret_key": secrets.token_urlsafe(30), "jwt": jwt}


def _identities(kept: dict[str, str]) -> dict[str, object]:
    """One identity, and none for the anonymous."""
    credentials = {"accessKey": kept["access_key"], "secretKey": kept["secret_key"]}
    return {"identities": [{"name": "muniment", "credentials": [credentials], "actions": ["Admin"]}]}


def _security_toml(keys: Path, jwt: dict[str, str]) -> str:
    """The paths in it are those of today: the data folder may have been moved."""
    lines = ["[access]", "ui = false", "[filer.expose_directory_metadata]", "enabled = false"]
    for section in JWT_SECTIONS:
        lines += [f"[{section}]", f'key = "{jwt[section]}"']
    lines += ["[grpc]", f"ca = {_quoted(keys / 'ca.crt')}"]
    for part in PARTS:
        lines += [f"[grpc.{part}]", f"cert = {_quoted(keys / 'node.crt')}", f"key = {_quoted(keys / 'node.key')}"]
    return "\n".join(lines) + "\n"


def _quoted(path: Path) -> str:
    """A TOML string; JSON's escapes are TOML's too."""
    return json.dumps(str(path), ensure_ascii=False)


def _make_certificate(keys: Path) -> None:
    authority, node = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    issuer = _name("Muniment embedded store, authority")
    ca = _certificate(issuer, issuer, authority.public_key()).add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    names = x509.SubjectAlternativeName([x509.DNSName("localhost")])
    leaf = _certificate(_name("muniment-store"), issuer, node.public_key()).add_extension(names, critical=False)
    write_private(keys / "ca.crt", ca.sign(authority, SHA256()).public_bytes(Encoding.PEM))
    write_private(keys / "node.crt", leaf.sign(authority, SHA256()).public_bytes(Encoding.PEM))
    write_private(keys / "node.key", node.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def _certificate(subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey) -> x509.CertificateBuilder:
    now = datetime.datetime.now(datetime.UTC)
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(key)
    return builder.serial_number(x509.random_serial_number()).not_valid_before(now).not_valid_after(now + LIFE)
