"""Organisations and their people: users, memberships, sign-in, API keys."""
