"""What the web layer calls. `user_id` is None for somebody who is not signed in."""

import datetime

from wiki.model import Document, Share
from wiki.policy import ACTIONS, Decision, decide


class NotFound(LookupError):
    """There is no such document, as far as this user is concerned."""


class Forbidden(PermissionError):
    """The user knows of the document, but may not do that. `reason` is for the page that explains it."""

    def __init__(self, reason):
        super().__init__(reason)
        self.reason = reason


class Wiki:
    """One wiki. `policy` decides who may do what; `today()` answers with the date."""

    def __init__(self, store, policy=decide, today=datetime.date.today):
        self.store = store
        self.policy = policy
        self.today = today

    def view(self, user_id, document_id):
        """The text of a document."""
        return self._permitted(user_id, "view", document_id).text

    def comment(self, user_id, document_id, text):
        """Add a comment."""
        self._permitted(user_id, "comment", document_id).comments.append((user_id, text))

    def edit(self, user_id, document_id, text):
        """Replace the text."""
        self._permitted(user_id, "edit", document_id).text = text

    def share(self, user_id, document_id, share: Share):
        """Let others in."""
        self._permitted(user_id, "share", document_id).shares.append(share)

    def delete(self, user_id, document_id):
        """Remove a document for good."""
        del self.store.documents[self._permitted(user_id, "delete", document_id).id]

    def list_documents(self, user_id):
        """The ids of what the user may view, sorted."""
        documents = self.store.documents.values()
        return sorted(document.id for document in documents if self._ask(user_id, "view", document).allowed)

    def allowed_actions(self, user_id, document_id):
        """What the user may do with a document, for the buttons of its page."""
        document = self._find(document_id)
        decisions = {action: self._ask(user_id, action, document) for action in ACTIONS}
        if any(decision.reason == "no_access" for decision in decisions.values()):
            raise NotFound(document_id)
        return [action for action, decision in decisions.items() if decision.allowed]

    def _permitted(self, user_id, action: str, document_id) -> Document:
        document = self._find(document_id)
        decision = self._ask(user_id, action, document)
        if decision.reason == "no_access":
            raise NotFound(document_id)
        if not decision.allowed:
            raise Forbidden(decision.reason)
        return document

    def _find(self, document_id) -> Document:
        document = self.store.documents.get(document_id)
        if document is None:
            raise NotFound(document_id)
        return document

    def _ask(self, user_id, action: str, document: Document) -> Decision:
        user = self.store.users.get(user_id)
        return self.policy(user, action, document, self.store.spaces[document.space], self.today())
