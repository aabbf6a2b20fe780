"""Mail: what goes out, through what, and what is on record of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, update

from tali.candidates.models import Candidate
from tali.jobs import worker
from tali.jobs.models import Job
from tali.jobs.resources import Resources
from tali.jobs.service import emit
from tali.kernel.clock import now
from tali.kernel.ids import new_id
from tali.notifications.models import Notification
from tali.organizations.models import Organization
from tali.plugins import Provider
from tali.sdk import ConfigurationMissing, MailMessage, ProviderSpec, Receipt, Rejected, Transient
from tests.mail import Post, new_email


@pytest.fixture
def post(resources) -> Post:
    return Post(resources)


class Carrier:
    """A notifier that a test tells what to do."""

    def __init__(self) -> None:
        self.sent: list[MailMessage] = []
        self.answer: Callable[[], Any] = lambda: None

    def send(self, message: MailMessage) -> Any:
        self.sent.append(message)
        return self.answer() or Receipt(f"carried-{message.idempotency_key}")


@pytest.fixture
def carrier(resources) -> Iterator[Carrier]:
    """Installed as a plugin's provider `carrier`, as one of a stranger would be."""
    carrier = Carrier()
    plugins = resources.plugins
    spec = ProviderSpec("carrier", "Carrier", lambda settings, context: carrier)
    plugins._providers["notifiers", "carrier"] = Provider("notifiers", "carriers", spec)
    yield carrier
    plugins._providers.pop(("notifiers", "carrier"))
    for key in [key for key in plugins._instances if key[1] == "carrier"]:
        plugins._instances.pop(key)


def through(resources: Resources, **settings: Any) -> Resources:
    return replace(resources, settings=replace(resources.settings, **settings))


def ask(tenant, assessment_id: str, reason: str = "created") -> None:
    """What the room of assessments emits."""
    with tenant.resources.database.tenant(tenant.organization_id) as session:
        session.execute(update(Job).where(Job.queue == "delivery", Job.state == "queued").values(state="done"))
        emit(
            session,
            tenant.organization_id,
            "invitation.requested",
            new_id(),
            assessment_id=assessment_id,
            reason=reason,
        )


def only_job(tenant) -> UUID:
    with tenant.resources.database.tenant(tenant.organization_id) as session:
        return (
            session.execute(
                select(Job.id).where(Job.queue == "delivery", Job.state == "queued").order_by(Job.created_at.desc())
            )
            .scalars()
            .first()
        )


def row_of(tenant, subject_id: str) -> Notification:
    with tenant.resources.database.tenant(tenant.organization_id) as session:
        newest = select(Notification).where(Notification.subject_id == UUID(subject_id))
        return session.execute(newest.order_by(Notification.created_at.desc()).limit(1)).scalar_one()


def job_state(tenant, job_id: UUID) -> str:
    with tenant.resources.database.tenant(tenant.organization_id) as session:
        return session.execute(select(Job.state).where(Job.id == job_id)).scalar_one()


def test_a_candidate_is_told_who_invites_how_long_until_when_and_how_it_is_recorded(tenant, post) -> None:
    email = new_email()
    invited = tenant.invite(email=email, duration_minutes=45)
    ask(tenant, invited["id"])
    mail = post.to(email)[0]
    for words in (
        "Olive Owner of Test organisation invites you",
        "45 minutes",
        "UTC",
        "You may use AI",
        "The session is recorded",
        invited["invitation_url"],
    ):
        assert words in mail["text"].replace("\n", " "), words
    title = tenant.call("GET", f"/tasks/{tenant.task_id}").json["title"]
    assert title not in mail["text"] + mail["html"] + mail["subject"], "what the task is about is not told"
    assert row_of(tenant, invited["id"]).state == "kept"


def test_text_and_html_say_the_same(tenant, post) -> None:
    import html
    import re

    email = new_email()
    ask(tenant, tenant.invite(email=email)["id"])
    mail = post.to(email)[0]
    shown = " ".join(html.unescape(re.sub(r"<[^>]+>", " ", mail["html"])).split())
    for paragraph in mail["text"].split("\n\n"):
        for line in paragraph.split("\n"):
            assert line.rstrip(":") in shown, line


def test_names_are_words_in_a_mail_and_nothing_else(tenant, post, resources) -> None:
    hostile = 'Eve</p><img src=x onerror=alert(1)>\r\nBcc: x@example.net\u202e "https://evil.example"'
    email = new_email()
    invited = tenant.invite(email=email)
    with resources.database.owner() as session:
        session.execute(update(Candidate).where(Candidate.id == invited["candidate"]["id"]).values(full_name=hostile))
        session.execute(update(Organization).where(Organization.id == tenant.organization_id).values(name=hostile))
    ask(tenant, invited["id"])
    mail = post.to(email)[0]
    assert "<img" not in mail["html"]
    for header in (mail["subject"], mail["name"]):
        assert header.isprintable()
        assert "\u202e" not in header
    assert "https://evil" not in mail["text"]


def test_an_invitation_that_was_taken_back_is_not_mailed(tenant, post) -> None:
    email = new_email()
    invited = tenant.invite(email=email)
    ask(tenant, invited["id"])
    tenant.call("POST", f"/assessments/{invited['id']}/cancel")
    assert post.to(email) == []


def test_a_reminder_says_that_it_is_one(tenant, post) -> None:
    email = new_email()
    ask(tenant, tenant.invite(email=email)["id"], "resent")
    assert post.to(email)[0]["subject"].startswith("Reminder: ")


def test_a_message_leaves_through_the_chosen_notifier(tenant, resources, carrier) -> None:
    invited = tenant.invite(email=new_email())
    ask(tenant, invited["id"])
    job_id = only_job(tenant)
    worker.run(through(resources, notifier="carrier"), job_id)
    (message,) = carrier.sent
    assert message.to.email == invited["candidate"]["email"]
    assert message.reply_to is not None
    assert message.idempotency_key == str(job_id)
    row = row_of(tenant, invited["id"])
    assert (row.state, row.notifier, row.receipt_id, row.tries) == ("sent", "carrier", f"carried-{job_id}", 1)


def test_a_try_again_is_the_same_message_to_the_letter(tenant, resources, carrier) -> None:
    email = new_email()
    body = {"email": email, "full_name": "R", "role": "viewer"}
    invitation = tenant.call("POST", "/users/invite", json=body).json
    job_id = only_job(tenant)

    def busy():
        raise Transient("the mail server asks for patience: 450 " + email)

    carrier.answer = busy
    worker.run(through(resources, notifier="carrier"), job_id)
    waiting = row_of(tenant, invitation["id"])
    assert (waiting.state, job_state(tenant, job_id)) == ("queued", "queued")
    assert "450" in waiting.error
    assert email not in waiting.error, "the row outlives the person that it names"
    carrier.answer = lambda: None
    with resources.database.owner() as session:
        session.execute(update(Job).where(Job.id == job_id).values(run_at=Job.created_at))
    worker.run(through(resources, notifier="carrier"), job_id)
    first, second = carrier.sent
    assert first == second
    assert (row_of(tenant, invitation["id"]).state, row_of(tenant, invitation["id"]).tries) == ("sent", 2)


@pytest.mark.parametrize("attempts", [1, 5])
@pytest.mark.parametrize("fault", ["transient", "bug"])
def test_no_row_holds_the_address_that_a_server_repeats(tenant, resources, carrier, attempts, fault) -> None:
    email = new_email()
    body = {"email": email, "full_name": "R", "role": "viewer"}
    invitation = tenant.call("POST", "/users/invite", json=body).json
    job_id = only_job(tenant)

    def repeat():
        said = f"450 <{email.upper()}> greylisted"
        raise Transient(said, retry_after=77) if fault == "transient" else ValueError(said)

    carrier.answer = repeat
    with resources.database.owner() as session:
        session.execute(update(Job).where(Job.id == job_id).values(max_attempts=attempts))
    worker.run(through(resources, notifier="carrier"), job_id)
    with resources.database.owner() as session:
        job = session.get_one(Job, job_id)
    row = row_of(tenant, invitation["id"])
    assert (job.state, row.state) == (("dead", "failed") if attempts == 1 else ("queued", "queued"))
    for error in (job.error, row.error):
        assert email not in error.lower()
        assert "450 <[recipient]> greylisted" in error
    if attempts > 1 and fault == "transient":
        assert (job.run_at - now()).total_seconds() > 60, "the server's own wait still holds"


def test_a_message_that_went_out_is_not_sent_by_a_worker_that_comes_late(tenant, resources, carrier) -> None:
    ask(tenant, tenant.invite(email=new_email())["id"])
    job_id = only_job(tenant)
    carrying = through(resources, notifier="carrier")
    worker.run(carrying, job_id)
    with resources.database.owner() as session:
        # The worker died after its note of the receipt and before the job was settled.
        session.execute(update(Job).where(Job.id == job_id).values(state="queued", run_at=Job.created_at))
    worker.run(carrying, job_id)
    assert len(carrier.sent) == 1
    assert job_state(tenant, job_id) == "done"


@pytest.mark.parametrize(
    ("fault", "says"),
    [
        (Rejected("the mail server refuses this address: 550"), "550"),
        (ConfigurationMissing("TALI_SMTP_HOST"), "TALI_SMTP_HOST"),
    ],
)
def test_what_will_not_work_is_not_tried_again(tenant, resources, carrier, fault, says) -> None:
    def refuse():
        raise fault

    carrier.answer = refuse
    invited = tenant.invite(email=new_email())
    ask(tenant, invited["id"])
    job_id = only_job(tenant)
    worker.run(through(resources, notifier="carrier"), job_id)
    row = row_of(tenant, invited["id"])
    assert (row.state, job_state(tenant, job_id)) == ("failed", "done")
    assert says in row.error


def test_a_notifier_that_breaks_its_contract_is_tried_again_and_given_up_in_the_end(tenant, resources, carrier) -> None:
    carrier.answer = lambda: "ok"
    invited = tenant.invite(email=new_email())
    ask(tenant, invited["id"])
    job_id = only_job(tenant)
    with resources.database.owner() as session:
        session.execute(update(Job).where(Job.id == job_id).values(max_attempts=1))
    worker.run(through(resources, notifier="carrier"), job_id)
    row = row_of(tenant, invited["id"])
    assert (row.state, job_state(tenant, job_id)) == ("failed", "dead")
    assert "not a Receipt" in row.error


def test_production_without_a_notifier_says_so_and_does_not_spin(tenant, resources) -> None:
    invited = tenant.invite(email=new_email())
    ask(tenant, invited["id"])
    job_id = only_job(tenant)
    worker.run(through(resources, environment="production"), job_id)
    row = row_of(tenant, invited["id"])
    assert (row.state, job_state(tenant, job_id)) == ("failed", "done")
    assert "TALI_NOTIFIER" in row.error


def test_a_notifier_that_is_not_installed_is_named(tenant, resources) -> None:
    invited = tenant.invite(email=new_email())
    ask(tenant, invited["id"])
    worker.run(through(resources, notifier="pigeon"), only_job(tenant))
    assert "pigeon" in row_of(tenant, invited["id"]).error


def test_no_token_lies_in_a_job_or_an_event(tenant, post, resources) -> None:
    email = new_email()
    tenant.call("POST", "/users/invite", json={"email": email, "full_name": "R", "role": "viewer"})
    token = post.token_to(email)
    with resources.database.owner() as session:
        for table in ("job", "domain_event", "notification", "audit_entry", "user_invitation"):
            from sqlalchemy import text

            rows = (
                session.execute(
                    text(f"SELECT t::text FROM {table} t WHERE organization_id = :id"), {"id": tenant.organization_id}
                )
                .scalars()
                .all()
            )
            assert rows
            assert not [row for row in rows if token in row], table


def test_what_became_of_messages_is_listed_and_found_by_what_they_are_about(tenant, post) -> None:
    first, second = (tenant.invite(email=new_email()) for _ in range(2))
    for invited in (first, second, first):
        ask(tenant, invited["id"])
        post.deliver()
    listed = tenant.call("GET", f"/notifications?subject_id={first['id']}").json["data"]
    assert [row["state"] for row in listed] == ["kept", "kept"]
    page = tenant.call("GET", "/notifications?limit=2").json
    rest = tenant.call("GET", f"/notifications?limit=2&cursor={page['next_cursor']}").json
    assert len({row["id"] for row in page["data"] + rest["data"]}) == len(page["data"]) + len(rest["data"])


def test_who_is_no_owner_sees_nothing_of_members_mail(tenant, post) -> None:
    invited = tenant.invite(email=new_email())
    ask(tenant, invited["id"])
    tenant.call("POST", "/users/invite", json={"email": new_email(), "full_name": "R", "role": "viewer"})
    post.deliver()
    key = tenant.call("POST", "/api-keys", json={"name": "k", "scopes": ["read"]}).json["key"]

    def templates(**options) -> set[str]:
        return {row["template"] for row in tenant.call("GET", "/notifications", **options).json["data"]}

    assert templates() == {"candidate_invitation", "user_invitation"}
    assert templates(token=key) == {"candidate_invitation"}


def test_a_mail_reaches_a_real_server_through_the_installed_plugin(tenant, resources, monkeypatch) -> None:
    from tests.plugins.smtp.mail_server import Inbox, serving

    inbox, invited = Inbox(), tenant.invite(email=new_email())
    ask(tenant, invited["id"])
    job_id = only_job(tenant)
    with serving(inbox) as port:
        for name, value in {
            "HOST": "localhost",
            "PORT": str(port),
            "SECURITY": "none",
            "FROM": "TALI <t@a.example>",
        }.items():
            monkeypatch.setenv(f"TALI_SMTP_{name}", value)
        try:
            worker.run(through(resources, notifier="smtp"), job_id)
        finally:
            for key in [key for key in resources.plugins._instances if key[1] == "smtp"]:
                resources.plugins._instances.pop(key)
    (mail,) = inbox.arrived()
    assert list(mail.recipients) == [invited["candidate"]["email"]]
    assert invited["invitation_url"] in mail.text
    row = row_of(tenant, invited["id"])
    assert (row.state, row.notifier, row.receipt_id) == ("sent", "smtp", mail.headers["message-id"])


def test_smtp_without_its_settings_names_them(tenant, resources) -> None:
    invited = tenant.invite(email=new_email())
    ask(tenant, invited["id"])
    worker.run(through(resources, notifier="smtp"), only_job(tenant))
    row = row_of(tenant, invited["id"])
    assert row.state == "failed"
    assert "TALI_SMTP_HOST" in row.error


@pytest.mark.parametrize("proctored", [True, False])
def test_a_candidate_is_told_what_is_recorded_and_no_more(tenant, run_jobs, post, proctored: bool) -> None:
    email = new_email()
    tenant.invite(email, proctored=proctored)
    run_jobs(tenant)
    assert ("whether the page has the focus" in str(post.to(email))) == proctored
