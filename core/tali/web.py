"""The web application: kernel furniture, the features' routes, the two front ends, the API document."""

from __future__ import annotations

from pathlib import Path

from flask import Flask, Response, jsonify, request
from sqlalchemy import text
from werkzeug.middleware.proxy_fix import ProxyFix
from whitenoise import WhiteNoise

import tali
from tali.application import create_resources
from tali.assessments.review_routes import reviewing
from tali.assessments.routes import assessments
from tali.candidates.routes import candidates
from tali.embed.pages import pages
from tali.embed.routes import embed
from tali.jobs.plugin_calls import plugin_states
from tali.jobs.resources import Resources
from tali.kernel.errors import Unauthorized
from tali.kernel.http import Moment, TaliApi, bearer_token, furnish
from tali.kernel.logging import configure_logging
from tali.kernel.settings import Settings
from tali.notifications.routes import notifications
from tali.organizations.people_routes import doors, users
from tali.organizations.routes import auth, organization
from tali.providers.routes import plugins
from tali.reports.routes import reports
from tali.scoring.routes import scoring
from tali.tasks.routes import tasks
from tali.workspace.routes import session_blueprint
from tali.workspace.staff_routes import attempt_time
from tali.workspace.work import StreamSlots

STATIC = Path(tali.__file__).parent / "static"
BLUEPRINTS = (
    auth,
    doors,
    organization,
    users,
    plugins,
    candidates,
    tasks,
    assessments,
    reviewing,
    session_blueprint,
    attempt_time,
    scoring,
    reports,
    notifications,
    embed,
)

OPEN_ROOMS = {auth.name, doors.name, pages.name, "api-docs", "dev_mailbox"}
"""Ways to become somebody, and pages; what in them needs a credential asks for it itself."""
OPEN_DOORS = {"embed.Open"}

ADMIN_POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self'",
        # The charts and menus position things with style attributes.
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data:",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)


def create_app(settings: Settings | None = None, resources: Resources | None = None) -> Flask:
    """Wire a web process. Under granian this is the factory: settings come from the environment."""
    settings = settings or Settings.from_environment()
    configure_logging(settings, "web")
    app = Flask("tali", static_folder=None)
    app.config.update(
        API_TITLE="TALI",
        API_VERSION="v1",
        OPENAPI_VERSION="3.1.0",
        OPENAPI_URL_PREFIX="/api",
        OPENAPI_JSON_PATH="v1/openapi.json",
        OPENAPI_SWAGGER_UI_PATH=None,
    )
    furnish(app)
    app.extensions["tali"] = resources or create_resources(settings, application="tali-web")
    app.extensions["tali.streams"] = StreamSlots(settings.max_streams)
    api = TaliApi(app)
    api.register_field(Moment, "string", "date-time")
    for blueprint in BLUEPRINTS:
        api.register_blueprint(blueprint)
    app.before_request(_ask_for_a_credential)
    app.register_blueprint(pages)
    if settings.environment == "development":
        from tali.notifications.pages import dev_mailbox

        app.register_blueprint(dev_mailbox)
    _serve_front_ends(app)
    _serve_health(app)
    app.wsgi_app = _static_files(app, settings)  # type: ignore[method-assign]
    if settings.trusted_proxies:
        # X-Forwarded-Host is not among them: TALI_PUBLIC_URL says what this server is called.
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=settings.trusted_proxies, x_proto=settings.trusted_proxies
        )
    return app


def _ask_for_a_credential() -> None:
    """Refuse who brings none before the body is read: a stranger learns nothing of what a request would need."""
    room = request.blueprint
    if room is None or room in OPEN_ROOMS or request.endpoint in OPEN_DOORS or bearer_token() is not None:
        return
    if room == session_blueprint.name:
        raise Unauthorized("token_missing", "Open your invitation link again.")
    raise Unauthorized("token_missing", "Sign in, or send an API key as Authorization: Bearer …")


def _static_files(app: Flask, settings: Settings) -> WhiteNoise:
    """Built files: pre-compressed, immutable by their hashed names."""
    return WhiteNoise(
        app.wsgi_app,
        root=STATIC,
        prefix="/static/",
        max_age=300,
        autorefresh=settings.environment == "development",
        immutable_file_test=lambda path, url: "/assets/" in url,
        add_headers_function=lambda headers, path, url: headers.add_header("X-Content-Type-Options", "nosniff"),
    )


def _serve_front_ends(app: Flask) -> None:
    @app.get("/")
    def admin() -> Response:
        page = STATIC / "admin" / "index.html"
        if not page.exists():
            return Response("The admin app is not built. Run `make build`.", 503, mimetype="text/plain")
        response = Response(page.read_text(), mimetype="text/html")
        response.headers["Content-Security-Policy"] = ADMIN_POLICY
        response.headers["Cache-Control"] = "no-cache"
        return response

    @app.get("/api/docs")
    def docs() -> Response:
        page = STATIC / "docs" / "index.html"
        if not page.exists():
            return Response("The API documentation is not built. Run `make build`.", 503, mimetype="text/plain")
        response = Response(page.read_text(), mimetype="text/html")
        response.headers["Content-Security-Policy"] = (
            "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:;"
            " font-src 'self' data:; connect-src 'self'; frame-ancestors 'none'"
        )
        return response


def _serve_health(app: Flask) -> None:
    @app.get("/health/live")
    def live() -> Response:
        """The process answers."""
        return jsonify({"status": "alive", "version": tali.__version__})

    @app.get("/health")
    def health() -> tuple[Response, int]:
        """What this process needs answers too; plugins that are broken are named."""
        resources: Resources = app.extensions["tali"]
        checks: dict[str, str] = {}
        try:
            with resources.database.nobody() as session:
                session.execute(text("SELECT 1"))
            checks["database"] = "ok"
        except Exception as error:
            checks["database"] = type(error).__name__
        try:
            resources.valkey.ping()
            checks["queue"] = "ok"
        except Exception as error:
            checks["queue"] = type(error).__name__
        states = plugin_states(resources)
        healthy = all(state == "ok" for state in checks.values())
        degraded = any(plugin["status"] == "degraded" for plugin in states)
        body = {
            "status": "healthy" if healthy and not degraded else "degraded",
            "version": tali.__version__,
            "checks": checks,
            "plugins": {plugin["name"]: {"status": plugin["status"], "reason": plugin["reason"]} for plugin in states},
        }
        return jsonify(body), 200 if healthy else 503
