"""Candidates: the people an organisation assesses."""
