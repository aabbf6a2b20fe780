"""Tasks: exercises, their frozen versions, and the folder format that they are written in."""
