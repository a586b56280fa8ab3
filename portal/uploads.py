"""What a request may bring in before anybody looks at it: no file is spooled far beyond the limit, no disk is filled."""

import shutil
from typing import Any

from django.conf import settings
from django.core.files.uploadhandler import FileUploadHandler

from storage.errors import StoreFull

MEGABYTE = 1024 * 1024
KEEP_FREE = 256 * MEGABYTE  # bytes that stay free on the disk of the spool


class BoundedUploads(FileUploadHandler):
    """Stands before the handlers that keep what is sent.

    Of a file over MUNIMENT_MAX_FILE_MB only a little more than the limit is kept: enough for `storage.formats` to refuse it by
    name. A request that the spool has no room for is refused before it is read.
    """

    def handle_raw_input(self, _input: Any, _meta: Any, content_length: int, _boundary: Any, _encoding: Any = None) -> None:
        """Raises StoreFull."""
        if content_length > shutil.disk_usage(settings.FILE_UPLOAD_TEMP_DIR).free - KEEP_FREE:
            raise StoreFull

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        """None drops the chunk."""
        return None if start > settings.MUNIMENT_MAX_FILE_MB * MEGABYTE else raw_data

    def file_complete(self, _file_size: int) -> None:
        """The handlers behind this one have the file."""
