"""The one warm process that reads scans. Started with the first scan, or by `warm`."""

from django.utils.translation import gettext_lazy as _

from search.errors import SearchError
from search.text.page import PageText
from storage import sandbox
from storage.sandbox import Answer, Pool

MEGABYTES = 6144  # of address space: the models and two threads take about 1 GB of memory
SECONDS = 180  # for a page, models loading included
PAGES = 5000  # after which the process is replaced
LONG_SIDE = 2000  # pixels of the picture a page is read from: 170 dpi of A4

reader = Pool(size=1, megabytes=MEGABYTES, seconds=SECONDS, preload=("search.text.inside.recognition",), files=PAGES, nice=5)


class OcrFailed(SearchError):  # noqa: N818 - named for what happened
    """The page could not be read."""

    code = "ocr-failed"
    message = _("The page could not be read.")


def read(page: int, picture: Answer) -> PageText:
    """The text of a picture as `storage.pages.pixels` gives it. Raises OcrFailed, or SandboxBusy when other pages wait too long."""
    try:
        answer = reader.run("search.text.inside.recognition:read", page, picture.value, body=picture.body)
    except sandbox.SandboxFault as fault:
        raise OcrFailed(str(fault)) from fault
    return PageText.from_bytes(answer.body)


def warm() -> None:
    """Load the models now."""
    reader.run("search.text.inside.recognition:warm")
