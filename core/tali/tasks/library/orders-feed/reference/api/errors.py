"""What a partner did wrong."""


class BadRequest(Exception):
    """A parameter that we cannot work with. `code` is for programs, the message for people."""

    def __init__(self, code: str, parameter: str, message: str):
        super().__init__(message)
        self.code = code
        self.parameter = parameter
        self.message = message
