"""Background work: every side effect is a row first, claimed, fenced and settled; Celery only carries its id."""
