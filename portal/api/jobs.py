"""What the API has to tidy up regularly."""

from datetime import timedelta

from portal.api import repeats
from portal.serve.schedule import Every, register_job


def forget_answers() -> str:
    """Drop first answers that nobody may ask for again."""
    return f"{repeats.forget()} answers dropped"


register_job("forget_answers", Every(timedelta(hours=6)), forget_answers)
