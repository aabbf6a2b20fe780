"""Which providers an organisation uses and with what settings: listing, choosing, setting, asking for a test."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from tali.jobs.resources import Resources
from tali.jobs.service import enqueue
from tali.kernel.actors import UserActor
from tali.kernel.clock import now
from tali.kernel.database import Database
from tali.kernel.errors import NotFound, Unprocessable
from tali.kernel.ids import new_id
from tali.kernel.security import KeyRing
from tali.kernel.settings import Settings
from tali.organizations import audit
from tali.plugins import KINDS, Configured, Kind, Provider, ProviderUnknown, check_setting, effective_settings
from tali.providers.models import ProviderChoice
from tali.sdk import ConfigurationMissing, Setting

NOBODY = "none"
"""The choice of a deployment that has chosen nobody."""
ONE_OF_A_KIND: tuple[Kind, ...] = ("assistants", "notifiers", "sandboxes")
"""Kinds of which an organisation uses one; of the others all that are not switched off."""
Declared = dict[str, Setting]


def deployment_choice(settings: Settings, kind: Kind) -> str | None:
    """What the deployment uses where an organisation says nothing."""
    chosen = {"assistants": settings.assistant, "notifiers": settings.notifier, "sandboxes": settings.sandbox}
    return chosen.get(kind) or None


def choices(session: Session, settings: Settings) -> dict[Kind, str]:
    """What the transaction's organisation uses, for each kind of which one is used; NOBODY where there is none."""
    rows = session.execute(select(ProviderChoice.kind, ProviderChoice.name).where(ProviderChoice.chosen))
    own = {row.kind: row.name for row in rows}
    return {kind: own.get(kind) or deployment_choice(settings, kind) or NOBODY for kind in ONE_OF_A_KIND}


def switched_off(session: Session, kind: Kind) -> set[str]:
    """Providers that the transaction's organisation does without."""
    query = select(ProviderChoice.name).where(ProviderChoice.kind == kind, ~ProviderChoice.enabled)
    return set(session.execute(query).scalars())


def configured(database: Database, key_ring: KeyRing, kind: Kind, name: str, organization_id: UUID) -> Configured:
    """What an organisation set, for the plugin manager.

    Raises:
        ConfigurationMissing: its secrets were encrypted under a key that is gone.
    """
    with database.tenant(organization_id) as session:
        row = session.execute(
            select(ProviderChoice.version, ProviderChoice.values, ProviderChoice.secrets).where(
                ProviderChoice.kind == kind, ProviderChoice.name == name
            )
        ).one_or_none()
    if row is None or row.version == 0:
        return Configured()
    return Configured(row.version, {**row.values, **_opened(key_ring, name, row.secrets)})


def _opened(key_ring: KeyRing, name: str, sealed: str | None) -> dict[str, Any]:
    if sealed is None:
        return {}
    try:
        opened: dict[str, Any] = orjson.loads(key_ring.decrypt(sealed))
    except ValueError:
        raise ConfigurationMissing(f"the secrets of {name}, entered again (their key is gone)") from None
    return opened


def described(session: Session, resources: Resources) -> list[dict[str, Any]]:
    """Every provider on offer, then what is set up here and not installed any more."""
    rows = {(row.kind, row.name): row for row in session.execute(select(ProviderChoice)).scalars()}
    chosen_now = {row.kind: row.name for row in rows.values() if row.chosen}
    offered = [provider for kind in KINDS for provider in resources.plugins.providers(kind)]
    tell = partial(_described, resources=resources, chosen_now=chosen_now)
    listed = [tell(provider, rows.pop((provider.kind, provider.spec.name), None)) for provider in offered]
    return listed + [_gone(row, chosen_now) for _, row in sorted(rows.items())]


def describe(session: Session, resources: Resources, kind: Kind, name: str) -> dict[str, Any]:
    """One provider.

    Raises:
        NotFound: `provider_not_found`.
    """
    for known in described(session, resources):
        if (known["kind"], known["name"]) == (kind, name):
            return known
    raise _unknown(kind, name)


def _described(
    provider: Provider, row: ProviderChoice | None, *, resources: Resources, chosen_now: Mapping[str, str]
) -> dict[str, Any]:
    spec, environ = provider.spec, resources.plugins.environ
    missing: list[str] = []
    own: dict[str, Any] = {}
    try:
        own = {**row.values, **_opened(resources.key_ring, spec.name, row.secrets)} if row else {}
        effective_settings(spec, Configured(row.version if row else 0, own), environ)
    except ConfigurationMissing as absent:
        missing = list(absent.names)
    return {
        "kind": provider.kind,
        "name": spec.name,
        "title": spec.title,
        "notice": spec.notice,
        "version": spec.version,
        "plugin": provider.plugin,
        "installed": True,
        "capabilities": sorted(spec.capabilities),
        "missing": missing,
        "settings": [_setting(declared, own, environ) for declared in spec.settings],
        **_use(provider.kind, spec.name, row, chosen_now, resources.settings),
    }


def _setting(declared: Setting, own: Mapping[str, Any], environ: Mapping[str, str]) -> dict[str, Any]:
    if declared.name in own and not declared.deployment_only:
        source, value = "organization", own[declared.name]
    elif declared.env and environ.get(declared.env):
        # What the deployment set can be an address in its own network: organisations learn only that it is set.
        source, value = "deployment", None
    else:
        source, value = ("unset" if declared.default is None else "default"), declared.default
    return {
        "name": declared.name,
        "title": declared.title,
        "help": declared.help,
        "kind": declared.kind,
        "required": declared.required,
        "choices": list(declared.choices),
        "minimum": declared.minimum,
        "maximum": declared.maximum,
        "editable": not declared.deployment_only,
        "source": source,
        "value": None if declared.kind == "secret" else value,
    }


def _use(
    kind: Kind, name: str, row: ProviderChoice | None, chosen_now: Mapping[str, str], settings: Settings
) -> dict[str, Any]:
    one = kind in ONE_OF_A_KIND
    used = (chosen_now.get(kind) or deployment_choice(settings, kind)) == name if one else row is None or row.enabled
    check = None
    if row is not None and row.check_state is not None:
        check = {"state": row.check_state, "message": row.check_message, "at": row.checked_at}
    return {"one_of_a_kind": one, "used": used, "check": check}


def _gone(row: ProviderChoice, chosen_now: Mapping[str, str]) -> dict[str, Any]:
    return {
        "kind": row.kind,
        "name": row.name,
        "title": row.name,
        "notice": None,
        "version": None,
        "plugin": None,
        "installed": False,
        "capabilities": [],
        "missing": ["the plugin that offers it"],
        "settings": [],
        "one_of_a_kind": row.kind in ONE_OF_A_KIND,
        "used": chosen_now.get(row.kind) == row.name if row.kind in ONE_OF_A_KIND else row.enabled,
        "check": None,
    }


def change(
    session: Session,
    actor: UserActor,
    resources: Resources,
    kind: Kind,
    name: str,
    *,
    settings: Mapping[str, Any] | None,
    used: bool | None,
) -> None:
    """Set values (null: back to the deployment's), choose a provider, or switch one off.

    Raises:
        NotFound: `provider_not_found`.
        Unprocessable: `validation_failed`, with a sentence for each value that does not hold.
    """
    try:
        declared = {one.name: one for one in resources.plugins.provider(kind, name).spec.settings}
    except ProviderUnknown:
        if settings or used:
            raise _unknown(kind, name) from None
        declared = {}
    row = _locked_row(session, actor.organization_id, kind, name)
    if row is None:
        raise _unknown(kind, name)
    if settings:
        _set_values(row, resources.key_ring, declared, settings)
        audit.record(session, actor, "provider.configured", row.id, kind=kind, name=name, settings=sorted(settings))
        session.flush()
    if used is None:
        return
    if kind in ONE_OF_A_KIND:
        if used:
            session.execute(update(ProviderChoice).where(ProviderChoice.kind == kind).values(chosen=False))
        session.execute(update(ProviderChoice).where(ProviderChoice.id == row.id).values(chosen=used))
    else:
        session.execute(update(ProviderChoice).where(ProviderChoice.id == row.id).values(enabled=used))
    audit.record(session, actor, "provider.used" if used else "provider.not_used", row.id, kind=kind, name=name)


def _locked_row(session: Session, organization_id: UUID, kind: Kind, name: str) -> ProviderChoice | None:
    session.execute(
        insert(ProviderChoice)
        .values(id=new_id(), created_at=now(), organization_id=organization_id, kind=kind, name=name, values={})
        .on_conflict_do_nothing(index_elements=["organization_id", "kind", "name"])
    )
    return session.execute(
        select(ProviderChoice).where(ProviderChoice.kind == kind, ProviderChoice.name == name).with_for_update()
    ).scalar_one_or_none()


def _set_values(row: ProviderChoice, key_ring: KeyRing, declared: Declared, wished: Mapping[str, Any]) -> None:
    values = dict(row.values)
    try:
        secrets = _opened(key_ring, row.name, row.secrets)
    except ConfigurationMissing:
        secrets = {}
    problems: dict[str, list[str]] = {}
    for name, value in wished.items():
        one = declared.get(name)
        if one is None or one.deployment_only:
            why = "The deployment alone sets this." if one else "This provider has no such setting."
            problems[f"settings.{name}"] = [why]
            continue
        place = secrets if one.kind == "secret" else values
        try:
            if value is None:
                place.pop(name, None)
            else:
                place[name] = check_setting(one, value)
        except ValueError as problem:
            problems[f"settings.{name}"] = [str(problem)]
    if problems:
        raise Unprocessable("validation_failed", "Some settings do not hold. `errors` names them.", errors=problems)
    row.values = values
    row.secrets = key_ring.encrypt(orjson.dumps(secrets).decode()) if secrets else None
    row.version += 1
    # What a test said of the values of before says nothing of these.
    row.check_state = row.check_message = row.checked_at = None


def request_check(session: Session, actor: UserActor, resources: Resources, kind: Kind, name: str) -> None:
    """Have a worker try the provider with the settings as they are now.

    Raises:
        NotFound: `provider_not_found`.
    """
    try:
        resources.plugins.provider(kind, name)
    except ProviderUnknown:
        raise _unknown(kind, name) from None
    row = _locked_row(session, actor.organization_id, kind, name)
    if row is None:
        raise _unknown(kind, name)
    row.check_number += 1
    row.check_state, row.check_message, row.checked_at = "running", None, now()
    session.flush()
    enqueue(
        session,
        actor.organization_id,
        "providers.check",
        {"choice_id": str(row.id), "number": row.check_number},
        dedupe_key=f"{row.id}:{row.check_number}",
    )


def keep_check(session: Session, choice_id: UUID, number: int, state: str, message: str, moment: datetime) -> None:
    """Write down what a test said, unless a newer one was asked for."""
    session.execute(
        update(ProviderChoice)
        .where(ProviderChoice.id == choice_id, ProviderChoice.check_number == number)
        .where(ProviderChoice.check_state == "running")
        .values(check_state=state, check_message=message[:1000], checked_at=moment)
    )


def _unknown(kind: str, name: str) -> NotFound:
    return NotFound("provider_not_found", f"No installed plugin offers {kind.replace('_', ' ')} called {name}.")
