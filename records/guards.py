"""What a higher floor must veto: it registers a guard with the verb at start-up; the verb calls those it was told of.

`REQUIRED` names guards that must be there; `records/checks.py` fails the start when one is missing.
"""

from collections import defaultdict
from collections.abc import Callable

from records.models import Record, User

Guard = Callable[[Record, User], None]
Follower = Callable[[Record], None]
REQUIRED = {("file", "retention.schedule"), ("move", "retention.schedule")}

_guards: dict[str, dict[str, Guard]] = defaultdict(dict)
_followers: dict[str, Follower] = {}


def register_guard(verb: str, name: str, guard: Guard) -> None:
    """`guard(record, actor)` raises a RecordsError to refuse the verb; the same name twice replaces the first."""
    _guards[verb][name] = guard


def ask_guards(verb: str, record: Record, actor: User) -> None:
    """Call every guard of the verb; the first refusal is raised."""
    for guard in _guards[verb].values():
        guard(record, actor)


def register_follower(name: str, follower: Follower) -> None:
    """`follower(record)` is called inside the transaction of every verb that changes the record, but for review and relations."""
    _followers[name] = follower


def follow(record: Record) -> None:
    """Call every follower: what must be right at once, such as the due date (RET-2)."""
    for follower in _followers.values():
        follower(record)


def missing() -> set[tuple[str, str]]:
    """Guards that must be there and are not."""
    return {(verb, name) for verb, name in REQUIRED if name not in _guards[verb]}
