"""Random sequences of requests, jobs and passing time, held against the state machines."""
