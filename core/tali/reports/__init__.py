"""Reports: what an assessment came to, with the evidence, as people and programs read it."""
