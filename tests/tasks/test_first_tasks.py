"""Who registers finds tasks: an empty shelf is no start."""

from __future__ import annotations

from sqlalchemy import select
from tests.mail import Post, new_email

from tali.jobs import worker
from tali.jobs.models import Job
from tali.tasks.folder import library

PASSWORD = "correct horse battery staple"  # pragma: allowlist secret


def test_an_organisation_that_registers_gets_the_library(app, resources) -> None:
    client, email = app.test_client(), new_email()
    body = {"organization_name": "Acme", "full_name": "Rita", "email": email, "password": PASSWORD}
    assert client.post("/api/v1/auth/register", json=body).status_code == 202
    token = Post(resources).token_to(email)
    signed_in = client.post("/api/v1/auth/register/confirm", json={"token": token, "password": PASSWORD}).get_json()
    with resources.database.owner() as session:
        jobs = session.execute(select(Job.id).where(Job.kind == "tasks.stock", Job.state == "queued")).scalars().all()
    for job in jobs:
        worker.run(resources, job)
    listed = client.get("/api/v1/tasks", headers={"Authorization": f"Bearer {signed_in['access_token']}"}).get_json()
    slugs = {task["slug"] for task in listed["data"]}
    assert slugs
    assert slugs <= set(library())
