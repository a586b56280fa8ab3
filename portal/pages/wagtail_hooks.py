"""What Wagtail loads of the pages."""

from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from wagtail import hooks
from wagtail.models import PageViewRestriction


@hooks.register("on_serve_page", order=-1)
def closed_is_not_there(serve: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A page for groups of which the person has none does not exist (SEC-5); Wagtail would ask for signing in, over and over."""

    def inner(page: Any, request: HttpRequest, *args: Any) -> HttpResponse:
        for restriction in page.get_view_restrictions():
            if restriction.restriction_type == PageViewRestriction.GROUPS and not restriction.accept_request(request):
                raise Http404
        return serve(page, request, *args)

    return inner
