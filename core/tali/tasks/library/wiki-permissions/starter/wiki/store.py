"""Keeps everything in memory."""


class Store:
    """Users, spaces and documents, by id."""

    def __init__(self, users=(), spaces=(), documents=()):
        self.users = {user.id: user for user in users}
        self.spaces = {space.id: space for space in spaces}
        self.documents = {document.id: document for document in documents}
