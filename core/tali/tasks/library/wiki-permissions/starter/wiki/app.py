"""What the web layer calls. `user_id` is None for somebody who is not signed in."""

import datetime

from wiki.model import Share


class NotFound(LookupError):
    """There is no such document, as far as this user is concerned."""


class Forbidden(PermissionError):
    """The user knows of the document, but may not do that. `reason` is for the page that explains it."""

    def __init__(self, reason):
        super().__init__(reason)
        self.reason = reason


class Wiki:
    """One wiki. `today()` answers with the date."""

    def __init__(self, store, today=datetime.date.today):
        self.store = store
        self.today = today

    def view(self, user_id, document_id):
        """The text of a document."""
        document = self.store.documents.get(document_id)
        if document is None:
            raise NotFound(document_id)
        if document.public:
            return document.text
        user = self.store.users.get(user_id)
        if user is None:
            raise NotFound(document_id)
        space = self.store.spaces[document.space]
        if document.owner == user.id or space.people.get(user.id) == "admin":
            return document.text
        if space.people.get(user.id) == "member" and not document.private:
            return document.text
        for share in document.shares:
            if share.to == f"user:{user.id}" and (share.until is None or share.until > self.today()):
                return document.text
            if share.to.startswith("group:") and share.to[6:] in user.groups:
                return document.text
        raise NotFound(document_id)

    def comment(self, user_id, document_id, text):
        """Add a comment."""
        document = self.store.documents.get(document_id)
        user = self.store.users.get(user_id)
        if document is None or user is None:
            raise NotFound(document_id)
        if user.suspended:
            raise Forbidden("suspended")
        space = self.store.spaces[document.space]
        if document.owner != user.id and space.people.get(user.id) not in ("admin", "member"):
            for share in document.shares:
                if share.to == f"user:{user.id}" and share.role in ("commenter", "editor"):
                    break
            else:
                raise Forbidden("role")
        document.comments.append((user.id, text))

    def edit(self, user_id, document_id, text):
        """Replace the text."""
        document = self.store.documents.get(document_id)
        user = self.store.users.get(user_id)
        if document is None or user is None:
            raise NotFound(document_id)
        if user.suspended:
            raise Forbidden("suspended")
        if document.archived:
            raise Forbidden("archived")
        if document.locked_by is not None and document.locked_by != user.id:
            raise Forbidden("locked")
        space = self.store.spaces[document.space]
        if document.owner == user.id or space.people.get(user.id) == "admin":
            document.text = text
            return
        for share in document.shares:
            if share.role == "editor" and share.to == f"user:{user.id}":
                document.text = text
                return
            if share.role == "editor" and share.to.startswith("group:") and share.to[6:] in user.groups:
                document.text = text
                return
        raise Forbidden("role")

    def share(self, user_id, document_id, share: Share):
        """Let others in."""
        document = self.store.documents.get(document_id)
        if document is None:
            raise NotFound(document_id)
        if document.owner != user_id:
            for old in document.shares:
                if old.to == f"user:{user_id}" and old.role == "editor":
                    break
            else:
                raise Forbidden("role")
        document.shares.append(share)

    def delete(self, user_id, document_id):
        """Remove a document for good."""
        document = self.store.documents.get(document_id)
        if document is None:
            raise NotFound(document_id)
        if document.archived:
            raise Forbidden("archived")
        space = self.store.spaces[document.space]
        if document.owner != user_id and space.people.get(user_id) != "admin":
            raise Forbidden("role")
        del self.store.documents[document_id]

    def list_documents(self, user_id):
        """The ids of what the user may view, sorted."""
        found = []
        for document_id in self.store.documents:
            try:
                self.view(user_id, document_id)
            except NotFound:
                continue
            found.append(document_id)
        return sorted(found)
