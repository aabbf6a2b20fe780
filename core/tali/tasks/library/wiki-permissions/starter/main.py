"""Prints who may do what in a sample wiki, by trying."""

import copy
import datetime

from wiki import Document, Forbidden, NotFound, Share, Space, Store, User, Wiki

TODAY = datetime.date(2026, 3, 10)


def sample():
    return Store(
        users=[
            User("ada"),
            User("ben"),
            User("cem", groups=frozenset({"design"})),
            User("dora", suspended=True),
            User("eva"),
        ],
        spaces=[Space("team", {"ada": "admin", "ben": "member", "dora": "member", "cem": "guest"})],
        documents=[
            Document("plan", "team", owner="ben", locked_by="ben"),
            Document("salaries", "team", owner="dora", private=True),
            Document("logo", "team", owner="ada", shares=[Share("group:design", "editor", TODAY)]),
            Document("handbook", "team", owner="ada", public=True, archived=True),
        ],
    )


def attempt(act):
    try:
        act()
    except NotFound:
        return "-"
    except Forbidden as error:
        return error.reason
    return "yes"


def main():
    print(f"{'':>20} {'view':<10}{'comment':<10}{'edit':<10}{'share':<10}{'delete':<10}")
    for document in sample().documents:
        for user in ("ada", "ben", "cem", "dora", "eva", None):
            answers = []
            for action, arguments in (
                ("view", ()),
                ("comment", ("hm",)),
                ("edit", ("new",)),
                ("share", (Share("user:eva", "viewer"),)),
                ("delete", ()),
            ):
                wiki = Wiki(copy.deepcopy(sample()), today=lambda: TODAY)
                answers.append(attempt(lambda: getattr(wiki, action)(user, document, *arguments)))
            print(f"{document:>11} {user or 'nobody':>8} " + "".join(f"{answer:<10}" for answer in answers))


if __name__ == "__main__":
    main()
