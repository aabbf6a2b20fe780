"""Messages to people: rendered as they go out, sent through a notifier, each with a row that says what became of it."""
