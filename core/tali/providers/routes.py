"""Plugins over HTTP: what is installed, what is used, settings, a test, and what models may cost."""

from __future__ import annotations

from typing import Any

from flask.views import MethodView

from tali.jobs.plugin_calls import plugin_states
from tali.kernel import rate_limit
from tali.kernel.errors import NotFound
from tali.kernel.http import Blueprint
from tali.organizations.access import as_staff, as_user, resources
from tali.plugins import KINDS, Kind
from tali.providers import schemas, service, spending

plugins = Blueprint("plugins", __name__, url_prefix="/api/v1", description="What is installed, and how it is set up.")


def _kind(text: str) -> Kind:
    if text not in KINDS:
        raise NotFound("provider_not_found", f"There is no kind of provider called {text}. Known: {', '.join(KINDS)}.")
    return text


@plugins.route("/plugins")
class Plugins(MethodView):
    @plugins.response(200, schemas.PluginsSchema)
    def get(self) -> Any:
        """List plugins and what they offer."""
        with as_staff() as (session, _):
            return {"plugins": plugin_states(resources()), "providers": service.described(session, resources())}


@plugins.route("/plugins/<string(maxlength=40):kind>/<string(maxlength=60):name>")
class ProviderView(MethodView):
    @plugins.response(200, schemas.ProviderSchema)
    def get(self, kind: str, name: str) -> Any:
        """One provider, with its settings and what its last test said."""
        with as_staff() as (session, _):
            return service.describe(session, resources(), _kind(kind), name)

    @plugins.arguments(schemas.ProviderInput)
    @plugins.response(200, schemas.ProviderSchema)
    def patch(self, body: dict[str, Any], kind: str, name: str) -> Any:
        """Use a provider or not, and set it up. Secrets go in and never come out."""
        with as_user("owner") as (session, actor):
            service.change(session, actor, resources(), _kind(kind), name, **body)
            session.expire_all()
            return service.describe(session, resources(), _kind(kind), name)


@plugins.route("/plugins/<string(maxlength=40):kind>/<string(maxlength=60):name>/check")
class ProviderCheck(MethodView):
    @plugins.response(202, schemas.ProviderSchema)
    def post(self, kind: str, name: str) -> Any:
        """Try the provider out with its present settings; `check` tells how it went."""
        with as_user("owner") as (session, actor):
            rate_limit.hit(resources().valkey, "provider-check", str(actor.organization_id), 30, 300)
            service.request_check(session, actor, resources(), _kind(kind), name)
            return service.describe(session, resources(), _kind(kind), name)


@plugins.route("/organization/spending")
class SpendingView(MethodView):
    @plugins.response(200, schemas.SpendingSchema)
    def get(self) -> Any:
        """What models cost this month, and the caps."""
        with as_staff() as (session, _):
            return spending.described(session, resources().settings)

    @plugins.arguments(schemas.SpendingInput)
    @plugins.response(200, schemas.SpendingSchema)
    def patch(self, body: dict[str, Any]) -> Any:
        """Set the caps: an assistant that has reached one answers no more, and the assessment goes on."""
        with as_user("owner") as (session, actor):
            spending.change(session, actor, resources().settings, body)
            return spending.described(session, resources().settings)
