"""The policy as agreed, and handlers that ask it."""

import datetime

import pytest

from wiki import Document, Forbidden, NotFound, Share, Space, Store, User, Wiki
from wiki.policy import Decision, decide

TODAY = datetime.date(2026, 3, 10)
YESTERDAY = TODAY - datetime.timedelta(days=1)
ACTIONS = ("view", "comment", "edit", "share", "delete")
ADA, BEN, EVA = User("ada"), User("ben"), User("eva")
CEM = User("cem", groups=frozenset({"design", "lunch"}))
DORA = User("dora", suspended=True)
TEAM = Space("team", {"ada": "admin", "ben": "member", "cem": "guest", "dora": "admin"})


def page(**changes):
    return Document(**{"id": "page", "space": "team", "owner": "zoe", **changes})


def allowed(user, document):
    return [action for action in ACTIONS if decide(user, action, document, TEAM, TODAY).allowed]


def reasons(user, document):
    return [decide(user, action, document, TEAM, TODAY).reason for action in ACTIONS]


def wiki_of(*documents, **options):
    return Wiki(Store([ADA, BEN, CEM, DORA, EVA], [TEAM], documents), today=lambda: TODAY, **options)


def test_owners_and_admins_may_do_everything():
    assert allowed(EVA, page(owner="eva")) == list(ACTIONS)
    assert allowed(ADA, page(private=True)) == list(ACTIONS)
    assert decide(ADA, "delete", page(), TEAM, TODAY) == Decision(True, None)


def test_each_role_may_do_what_the_weaker_ones_may():
    expected = {"viewer": ["view"], "commenter": ["view", "comment"], "editor": ["view", "comment", "edit", "share"]}
    for role, actions in expected.items():
        for name in ("user:cem", "group:design"):
            assert allowed(CEM, page(private=True, shares=[Share(name, role)])) == actions


def test_the_strongest_role_counts_wherever_it_comes_from():
    shares = [Share("user:ben", "viewer"), Share("group:design", "editor"), Share("user:cem", "commenter")]
    assert allowed(CEM, page(shares=shares)) == ["view", "comment", "edit", "share"]
    assert allowed(BEN, page(shares=[Share("user:ben", "commenter")])) == ["view", "comment"]
    assert allowed(EVA, page(public=True, shares=[Share("user:eva", "editor")])) == ["view", "comment", "edit", "share"]


def test_members_view_what_is_not_private_and_guests_nothing():
    assert reasons(BEN, page()) == [None, "role", "role", "role", "role"]
    assert reasons(BEN, page(private=True)) == ["no_access"] * 5
    assert reasons(CEM, page()) == ["no_access"] * 5
    assert reasons(CEM, page(shares=[Share("group:designers", "viewer"), Share("user:design", "viewer")])) == ["no_access"] * 5


def test_shares_count_up_to_and_including_their_last_day():
    for name in ("user:cem", "group:lunch"):
        assert allowed(CEM, page(shares=[Share(name, "commenter", TODAY)])) == ["view", "comment"]
        assert reasons(CEM, page(shares=[Share(name, "editor", YESTERDAY)])) == ["no_access"] * 5
    assert allowed(BEN, page(shares=[Share("user:ben", "editor", YESTERDAY)])) == ["view"]


def test_public_pages_are_seen_by_everybody_but_the_suspended():
    assert reasons(None, page(public=True)) == [None, "role", "role", "role", "role"]
    assert reasons(EVA, page(public=True, private=True))[0] is None
    assert reasons(None, page()) == ["no_access"] * 5
    assert reasons(DORA, page(public=True, owner="dora")) == ["suspended"] * 5


def test_archived_pages_are_viewed_and_deleted_only():
    archived = page(archived=True, shares=[Share("user:eva", "viewer")])
    assert reasons(ADA, archived) == [None, "archived", "archived", "archived", None]
    assert reasons(EVA, archived) == [None, "archived", "archived", "archived", "role"]
    assert reasons(CEM, archived) == ["no_access"] * 5


def test_a_lock_keeps_others_from_editing_and_from_nothing_else():
    locked = page(owner="eva", locked_by="cem", shares=[Share("user:cem", "editor"), Share("user:ben", "viewer")])
    assert reasons(EVA, locked) == [None, None, "locked", None, None]
    assert reasons(CEM, locked) == [None, None, None, None, "role"]
    assert reasons(ADA, locked) == [None] * 5
    assert reasons(BEN, locked)[2] == "role"


def test_an_action_that_there_is_not_is_an_error_whoever_asks():
    for user in (ADA, DORA, None):
        with pytest.raises(ValueError):
            decide(user, "publish", page(), TEAM, TODAY)


def test_handlers_turn_refusals_into_their_errors():
    wiki = wiki_of(page(id="archived", archived=True), page(id="private", private=True, shares=[Share("user:eva", "viewer", TODAY)]))
    assert wiki.view("eva", "private") == ""
    for refused in (
        lambda: wiki.comment("ada", "archived", "x"),
        lambda: wiki.share("dora", "private", Share("user:eva", "editor")),
        lambda: wiki.edit("eva", "private", "x"),
    ):
        with pytest.raises(Forbidden):
            refused()
    for hidden in (
        lambda: wiki.comment("ben", "private", "x"),
        lambda: wiki.edit("cem", "archived", "x"),
        lambda: wiki.share(None, "private", Share("user:eva", "editor")),
        lambda: wiki.delete("ben", "private"),
        lambda: wiki.delete("ada", "absent"),
    ):
        with pytest.raises(NotFound):
            hidden()
    wiki.delete("ada", "archived")
    assert wiki.list_documents("ada") == ["private"]


def test_handlers_ask_the_policy_that_they_were_given():
    asked = []

    def policy(user, action, document, space, today):
        asked.append((user, action, document.id, space.id, today))
        return Decision(False, "no_access" if action == "delete" else "audit")

    wiki = wiki_of(page(public=True), policy=policy)
    calls = {
        "view": (),
        "comment": ("x",),
        "edit": ("x",),
        "share": (Share("user:eva", "viewer"),),
    }
    for action, arguments in calls.items():
        with pytest.raises(Forbidden) as refused:
            getattr(wiki, action)("ada", "page", *arguments)
        assert refused.value.reason == "audit"
    with pytest.raises(NotFound):
        wiki.delete("ada", "page")
    assert asked == [(ADA, action, "page", "team", TODAY) for action in ACTIONS]
    assert wiki.list_documents("ada") == []


def test_buttons_show_what_may_be_done():
    wiki = wiki_of(page(id="b", owner="eva", locked_by="cem"), page(id="a", public=True), page(id="c", archived=True))
    assert wiki.allowed_actions("eva", "b") == ["view", "comment", "share", "delete"]
    assert wiki.allowed_actions(None, "a") == ["view"]
    assert wiki.allowed_actions("ada", "c") == ["view", "delete"]
    assert wiki.allowed_actions("dora", "b") == []
    for user, document in (("cem", "b"), ("eva", "c"), ("ada", "absent")):
        with pytest.raises(NotFound):
            wiki.allowed_actions(user, document)
    assert wiki.list_documents("eva") == ["a", "b"]
    assert wiki.list_documents("dora") == []
