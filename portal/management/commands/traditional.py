"""`traditional`: make the Traditional Chinese texts from the Simplified ones; run it after the latter changed."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po
from django.conf import settings
from django.core.management.base import BaseCommand
from opencc import OpenCC

NEVER = datetime(2026, 1, 1, tzinfo=UTC)  # no date of its own in the file, so that an unchanged text makes an unchanged file
FLOORS = ("portal", "search", "retention", "records", "storage")


class Command(BaseCommand):
    """Writes `zh_Hant` beside each `zh_Hans`."""

    help = "Make the Traditional Chinese texts from the Simplified ones."

    def handle(self, *_args: Any, **_options: Any) -> None:
        """One line per file."""
        convert = OpenCC("s2twp").convert  # with the words of Traditional usage
        for source in sources():
            target = Path(str(source).replace("zh_Hans", "zh_Hant"))
            target.parent.mkdir(parents=True, exist_ok=True)
            with target.open("wb") as file:
                write_po(file, traditional(source, convert), width=0, no_location=True)
            self.stdout.write(str(target.relative_to(settings.BASE_DIR)))


def sources() -> list[Path]:
    """Every file of Simplified texts."""
    return sorted(path for floor in FLOORS for path in (settings.BASE_DIR / floor).rglob("zh_Hans/LC_MESSAGES/django.po"))


def traditional(source: Path, convert: Any) -> Catalog:
    """The catalogue of `source`, each text converted."""
    with source.open("rb") as file:
        simplified = read_po(file, locale="zh_Hans_CN")
    header = "# Traditional Chinese, made from Simplified by `manage.py traditional`."
    result = Catalog(locale="zh_Hant_TW", charset="utf-8", header_comment=header, fuzzy=False, creation_date=NEVER, revision_date=NEVER)
    for message in simplified:
        if message.id:
            texts = message.string if isinstance(message.string, tuple | list) else (message.string,)
            converted = tuple(convert(text) for text in texts)
            result.add(
                message.id, converted if isinstance(message.id, tuple) else converted[0], flags=message.flags, context=message.context
            )
    return result
