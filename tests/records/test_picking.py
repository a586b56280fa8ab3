"""People as others name them: by username, or by a name that one alone has here."""

import pytest

from records import deputies, lending, picking
from records.errors import Invalid
from records.models import User
from tests.factories import filed, loan_policies, person

pytestmark = pytest.mark.django_db


def test_a_username_goes_before_a_name_and_a_name_that_two_have_names_nobody():
    assert picking.person("staff2") == person("staff2")
    assert picking.person("王部长") == person("head")
    User.objects.filter(username="legal").update(display_name="staff2")
    assert picking.person("staff2") == person("staff2")
    User.objects.filter(username="legal").update(display_name="王部长")
    assert picking.person("王部长") is None
    User.objects.filter(username="head").update(is_active=False)
    assert picking.person("王部长") == person("legal")
    for nobody in ("", "nobody", "head", "王部"):
        assert picking.person(nobody) is None


def test_deputies_and_borrowers_are_named_as_colleagues_name_them():  # nobody knows usernames by heart
    loan_policies()
    made = deputies.name(actor=person("head"), deputy="赵总", since="2026-01-01", until="2099-01-01")
    assert made.deputy == person("manager")
    given = {"use": "original", "purpose": "核对", "until": "2099-01-01"}
    loan = lending.request(actor=person("archivist"), record_id=filed().pk, borrower="李静", **given)
    assert loan.borrower == person("staff")
    with pytest.raises(Invalid):
        lending.request(actor=person("archivist"), record_id=filed().pk, borrower="李", **given)
