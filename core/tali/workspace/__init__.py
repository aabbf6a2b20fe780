"""What happens while an attempt is live: edits, turns, executions and the timeline that orders them."""
