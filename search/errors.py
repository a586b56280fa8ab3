"""What can go wrong while finding."""

# ruff: noqa: N818 - these are named for what happened, as the field says it

from django.utils.translation import gettext_lazy as _


class SearchError(Exception):
    """The search could not be done."""

    code = "search-failed"
    message = _("The search could not be done.")

    def __init__(self, detail: object = None) -> None:
        super().__init__(detail or self.message)

    @property
    def detail(self) -> str:
        """A sentence a person can act on."""
        return str(self.args[0])


class QueryRefused(SearchError):
    """The query is not one that can be asked."""

    code = "query-refused"
    message = _("This search cannot be understood.")


class QueryTooLong(QueryRefused):
    """The query has too many characters or words."""

    code = "query-too-long"
    message = _("This search is too long. Use fewer words.")


class EngineError(SearchError):
    """The index could not do its work."""

    code = "engine-failed"
    message = _("The search index could not do its work.")


class EngineUnavailable(EngineError):
    """The index is down, missing or busy; nothing is lost, what follows from changes waits in the outbox (FND-8)."""

    code = "engine-unavailable"
    message = _("Search is not available at the moment. Try again shortly.")


class NotErased(EngineError):
    """Words of an erased record are still in the index."""

    code = "not-erased"
    message = _("The index still holds words of an erased record.")
