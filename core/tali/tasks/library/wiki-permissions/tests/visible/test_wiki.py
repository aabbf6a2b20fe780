"""The tests we have."""

import pytest

from wiki import Document, Forbidden, NotFound, Share, Space, Store, User, Wiki


@pytest.fixture
def wiki():
    return Wiki(
        Store(
            users=[User("ada"), User("ben"), User("eva")],
            spaces=[Space("team", {"ada": "admin", "ben": "member"})],
            documents=[Document("plan", "team", owner="ada", text="the plan")],
        )
    )


def test_members_view_and_strangers_do_not(wiki):
    assert wiki.view("ben", "plan") == "the plan"
    with pytest.raises(NotFound):
        wiki.view("eva", "plan")


def test_an_editor_edits(wiki):
    wiki.share("ada", "plan", Share("user:eva", "editor"))
    wiki.edit("eva", "plan", "a better plan")
    assert wiki.view("ada", "plan") == "a better plan"


def test_members_do_not_delete(wiki):
    with pytest.raises(Forbidden) as refused:
        wiki.delete("ben", "plan")
    assert refused.value.reason == "role"


def test_only_what_can_be_viewed_is_listed(wiki):
    assert wiki.list_documents("ben") == ["plan"]
    assert wiki.list_documents(None) == []
