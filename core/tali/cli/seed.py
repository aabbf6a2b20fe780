"""A deployment's first contents: an organisation with an owner and the task library, and a sample to walk through."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select, text

from tali.assessments import service as assessments
from tali.assessments.models import Assessment
from tali.assessments.service import NewAssessment
from tali.candidates.models import Candidate
from tali.jobs.resources import Resources
from tali.kernel.actors import UserActor
from tali.organizations import service as organizations
from tali.organizations.models import ApiKey, Membership, Organization
from tali.tasks.models import Task

FIRST_ORGANIZATION = "My organisation"
FIRST_OWNER = ("owner@tali.localhost", "Owner")
SAMPLE_CANDIDATE = ("Sam Sample", "sam.sample@example.com")
SAMPLE_KEY = "Sample host page"


@dataclass(frozen=True, slots=True)
class Sample:
    """What the sample host page and the newcomer need."""

    owner_link: str
    session_link: str
    api_key: str
    assessment_id: UUID


def first_owner(resources: Resources) -> Membership:
    """The first organisation's owner, created on a new deployment."""
    with resources.database.owner() as session:
        # Two processes may seed a new deployment at once.
        session.execute(text("SELECT pg_advisory_xact_lock(hashtext('tali seed'))"))
        membership = session.execute(
            select(Membership).where(Membership.role == "owner", Membership.active).order_by(Membership.created_at)
        ).scalars().first()  # fmt: skip
        return membership or organizations.create_organization(session, FIRST_ORGANIZATION, *FIRST_OWNER)


def owner_link(resources: Resources, membership: Membership) -> str:
    """A one-time link that signs the owner in."""
    with resources.database.tenant(membership.organization_id) as session:
        token = organizations.create_sign_in_link(session, session.get_one(Membership, membership.id))
    return f"{resources.settings.public_url}/#/sign-in?token={token}"


def sample(resources: Resources, membership: Membership, host_page_origins: list[str]) -> Sample:
    """A ready candidate session and a key for the sample host page; a used-up sample is replaced."""
    organization_id = membership.organization_id
    actor = UserActor(organization_id, membership.user_id, membership.id, "owner")
    with resources.database.tenant(organization_id) as session:
        organization = session.get_one(Organization, organization_id)
        organization.allowed_origins = list(dict.fromkeys([*organization.allowed_origins, *host_page_origins]))
        for old in session.execute(
            select(ApiKey).where(ApiKey.name == SAMPLE_KEY, ApiKey.revoked_at.is_(None))
        ).scalars():
            organizations.revoke_api_key(session, old.id)
        _, key = organizations.create_api_key(session, organization_id, SAMPLE_KEY)
        task_id = (
            session.execute(select(Task.id).where(Task.state == "published").order_by(Task.created_at))
            .scalars()
            .first()
        )
        if task_id is None:
            raise ValueError("There is no published task to show.")
        name, address = SAMPLE_CANDIDATE
        wish = NewAssessment(task_id, candidate_name=name, candidate_email=address, send_invitation=False)
        usable = (
            select(Assessment)
            .join(Candidate, Candidate.id == Assessment.candidate_id)
            .where(Assessment.state.in_(("invited", "in_progress")), Candidate.email == SAMPLE_CANDIDATE[1])
            .order_by(Assessment.created_at.desc())
        )
        ready = session.execute(usable).scalars().first()
        settings, key_ring = resources.settings, resources.key_ring
        chosen = ready or assessments.create(session, actor, wish, settings, key_ring)
        link = assessments.invitation_url(chosen, settings, key_ring)
        chosen_id = chosen.id
    return Sample(owner_link(resources, membership), link, key, chosen_id)
