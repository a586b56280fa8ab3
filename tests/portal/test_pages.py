"""Regulations and notices: planted once, written by editors, read by everybody who is signed in (PRT-2)."""

import pytest
from django.contrib.auth.models import Group
from django.core.management import call_command
from wagtail.models import Page, PageViewRestriction

from portal.demo.articles import load_articles
from portal.pages import tree
from portal.pages.models import ArticlePage, FrontPage, ListPage
from tests.factories import person

pytestmark = pytest.mark.django_db


def test_planting_twice_plants_once():
    call_command("load_shipped", verbosity=0)
    tree.plant()

    assert (FrontPage.objects.count(), ListPage.objects.count()) == (1, 2)


def test_a_regulation_is_read_by_staff_and_not_by_strangers(client):
    load_articles()
    address = ArticlePage.objects.get(slug="archive-rules").url

    assert client.get(address).status_code == 302
    client.force_login(person("staff"))
    assert "复核通过后方可归档编号" in client.get(address).content.decode()


def test_the_lists_name_what_was_published_and_no_draft(client):
    load_articles()
    ArticlePage.objects.get(slug="borrowing-rules").unpublish()
    client.force_login(person("staff"))

    front = client.get(FrontPage.objects.get().url).content.decode()

    assert "档案管理办法" in front
    assert "档案借阅规定" not in front


@pytest.mark.parametrize("closed", ["borrowing-rules", "regulations"])
def test_the_lists_do_not_name_what_only_a_group_may_open(client, closed):  # SEC-5
    load_articles()
    page = Page.objects.get(slug=closed)
    restriction = PageViewRestriction.objects.create(page=page, restriction_type="groups")
    restriction.groups.add(Group.objects.get(name="archivists"))

    def shown_to(name):
        client.force_login(person(name))
        lists = [FrontPage.objects.get(), ListPage.objects.get(slug="notices")]
        return "".join(client.get(each.url).content.decode() for each in lists)

    assert page.title in shown_to("archivist")
    assert page.title not in shown_to("staff")
    assert "档案借阅规定" not in shown_to("staff")
    assert "归档" in shown_to("staff")
    assert client.get(page.url).status_code == 404


def test_loading_the_demo_articles_twice_loads_them_once():
    assert load_articles() == 3
    assert load_articles() == 0
