"""Assessments and attempts: one candidate's invitation to one task, and its life from invited to completed."""
