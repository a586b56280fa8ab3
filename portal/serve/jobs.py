"""The regular jobs that `serve` runs: what each does is the floors' business, when it is done stands here."""

from datetime import time, timedelta

from django.core.management import call_command

from portal.serve.schedule import Daily, Every, register_job
from records import outbox


def clean_outbox() -> str:
    """Drop what was done long ago."""
    return f"{outbox.clean()} finished rows dropped"


def clean_sessions() -> str:
    """Drop sign-ins that have ended."""
    call_command("clearsessions", verbosity=0)
    return "ended sign-ins dropped"


register_job("clean_outbox", Daily(time(3, 10)), clean_outbox)
register_job("clean_sessions", Every(timedelta(hours=24)), clean_sessions)
