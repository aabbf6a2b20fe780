"""What can go wrong with a webhook."""


class InvalidEvent(ValueError):
    """The payload is not an event that we understand; sending it again will not help."""


class UnknownCustomer(LookupError):
    """The customer is not synchronised yet; the provider should try again later."""
