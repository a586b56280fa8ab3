"""Tink's own streaming AEAD under a key of ours, to open what we sealed and to seal what we open."""

import io

from tink import proto_keyset_format, secret_key_access, streaming_aead
from tink.proto import aes_gcm_hkdf_streaming_pb2, common_pb2, tink_pb2

streaming_aead.register()
TYPE = "type.googleapis.com/google.crypto.tink.AesGcmHkdfStreamingKey"


def primitive(key: bytes) -> streaming_aead.StreamingAead:
    """AES256_GCM_HKDF_1MB as Tink's template of that name has it, with `key` as its key material."""
    params = aes_gcm_hkdf_streaming_pb2.AesGcmHkdfStreamingParams(
        ciphertext_segment_size=1048576, derived_key_size=32, hkdf_hash_type=common_pb2.SHA256
    )
    ours = aes_gcm_hkdf_streaming_pb2.AesGcmHkdfStreamingKey(version=0, key_value=key, params=params)
    keyset = tink_pb2.Keyset(primary_key_id=1)
    entry = keyset.key.add(key_id=1, status=tink_pb2.ENABLED, output_prefix_type=tink_pb2.RAW)
    entry.key_data.type_url, entry.key_data.value = TYPE, ours.SerializeToString()
    entry.key_data.key_material_type = tink_pb2.KeyData.SYMMETRIC
    handle = proto_keyset_format.parse(keyset.SerializeToString(), secret_key_access.TOKEN)
    return handle.primitive(streaming_aead.StreamingAead)


def opened_by_tink(sealed: bytes, *, key: bytes, associated: bytes) -> bytes:
    """The plain bytes. Raises tink.TinkError when Tink refuses."""
    with primitive(key).new_decrypting_stream(io.BytesIO(sealed), associated) as stream:
        return stream.read()


class _Kept(io.BytesIO):
    """Outlives the stream that closes it."""

    def close(self) -> None:
        self.kept = self.getvalue()
        super().close()


def sealed_by_tink(plain: bytes, *, key: bytes, associated: bytes) -> bytes:
    """What Tink makes of it."""
    target = _Kept()
    with primitive(key).new_encrypting_stream(target, associated) as stream:
        stream.write(plain)
    return target.kept
