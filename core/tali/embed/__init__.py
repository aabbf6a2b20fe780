"""The ways into a session: embed tokens, invitation links, resume keys, and the pages that carry the candidate app."""
