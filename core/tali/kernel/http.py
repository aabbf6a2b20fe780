"""HTTP furniture that every feature uses: errors as JSON, request ids, limits, schemas' base, replayable creation."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import flask_smorest as smorest
import marshmallow as ma
import orjson
import psycopg
import structlog
from flask import Flask, Request, Response, g, request
from flask.json.provider import JSONProvider
from redis.exceptions import RedisError
from sqlalchemy.exc import DataError, OperationalError
from sqlalchemy.orm import Session
from webargs.flaskparser import FlaskParser, is_json_request
from werkzeug.exceptions import HTTPException

from tali.kernel.actors import Actor
from tali.kernel.clock import isoformat
from tali.kernel.errors import BadRequest, TaliError
from tali.kernel.idempotency import replayed_or_done
from tali.kernel.pagination import MAX_LIMIT, bound, scope_of, unbound
from tali.kernel.security import KeyRing

MAX_BODY = 4 * 1024 * 1024
log = structlog.get_logger(__name__)

SLUGS = {
    400: "bad_request",
    401: "unauthorized",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    413: "body_too_large",
    415: "media_type_unsupported",
    422: "validation_failed",
    429: "too_many_requests",
}
SENTENCES = {
    404: "There is nothing at this address.",
    405: "This address does not take this method.",
    413: f"The body is larger than {MAX_BODY} bytes.",
    415: "Send JSON, with Content-Type: application/json.",
    422: "Some values do not hold. `errors` names them.",
}


class InputSchema(ma.Schema):
    """Base of everything that comes in: unknown fields are an error, because a misspelled option must not pass."""

    class Meta:
        unknown = ma.RAISE


class Moment(ma.fields.Field[Any]):
    """A time, as the API writes times: UTC, milliseconds, `Z`."""

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> str | None:
        return None if value is None else isoformat(value)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> Any:
        return ma.fields.AwareDateTime(format="iso").deserialize(value, attr, data)


class ErrorSchema(ma.Schema):
    """Every error: `code` for programs, `message` for people. Some carry more, such as what is in the way."""

    class Meta:
        unknown = ma.INCLUDE

    code = ma.fields.String(required=True, metadata={"example": "assessment_not_found"})
    message = ma.fields.String(required=True)
    errors = ma.fields.Dict(keys=ma.fields.String(), values=ma.fields.List(ma.fields.String()))
    state = ma.fields.String(metadata={"description": "With 409: the state that won."})


class PageQuery(InputSchema):
    """Where in a list to be."""

    limit = ma.fields.Integer(load_default=50, validate=ma.validate.Range(1, MAX_LIMIT))
    cursor = ma.fields.String(
        load_default=None,
        validate=ma.validate.Length(1, 500),
        metadata={"description": "`next_cursor` of this list, asked for with the same filters and order."},
    )

    @ma.post_load
    def bind(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        """Take the position out of a cursor of this very list, and note the list for the cursor that goes out."""
        g.list_scope = scope_of(request.path, data)
        return data if data["cursor"] is None else {**data, "cursor": unbound(data["cursor"], g.list_scope)}


class NextCursor(ma.fields.String):
    """Where the next page begins; null where there is none. Bound to the list that was asked for by a `PageQuery`."""

    def __init__(self) -> None:
        super().__init__(required=True, allow_none=True)

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> Any:
        return None if value is None else bound(value, g.list_scope)


def moment(**options: Any) -> ma.fields.AwareDateTime:
    """A time with its zone, within the years that a calendar of ours holds in any zone."""
    bounds = ma.validate.Range(datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC))
    return ma.fields.AwareDateTime(format="iso", validate=bounds, **options)


def bounded(minimum: int, maximum: int, **options: Any) -> ma.fields.String:
    """A text of bounded length, without NUL (PostgreSQL holds none)."""
    return ma.fields.String(
        validate=[
            ma.validate.Length(minimum, maximum),
            ma.validate.ContainsNoneOf("\x00", error="A NUL character cannot be stored."),
        ],
        **options,
    )


def page_schema(item: type[ma.Schema]) -> type[ma.Schema]:
    """The schema of a page of `item`."""
    name = item.__name__.removesuffix("Schema")
    fields: dict[str, Any] = {
        "data": ma.fields.List(ma.fields.Nested(item), required=True),
        "next_cursor": NextCursor(),
    }
    return type(f"{name}PageSchema", (ma.Schema,), fields)


class Parser(FlaskParser):
    """webargs, reading JSON strictly.

    The standard library lets lone surrogates, NaN and endless numbers in, which no database holds, and gives up on deep
    nesting in its own way; orjson refuses all of them. A filter that is misspelled is refused too: left out, it would
    show everything.
    """

    DEFAULT_UNKNOWN_BY_LOCATION: dict[str, str | None] = {  # noqa: RUF012 -- as webargs declares it
        **FlaskParser.DEFAULT_UNKNOWN_BY_LOCATION,
        "query": ma.RAISE,
    }

    def _raw_load_json(self, req: Request) -> Any:
        body = req.get_data(cache=True)
        if not body or not is_json_request(req):
            return ma.missing
        try:
            return orjson.loads(body)
        except orjson.JSONDecodeError:
            raise BadRequest("bad_request", "The body is not JSON that we can read.") from None


class Blueprint(smorest.Blueprint):  # type: ignore[misc]
    """flask-smorest's blueprint, with our parser; every feature's routes stand on it."""

    ARGUMENTS_PARSER = Parser()


class TaliApi(smorest.Api):  # type: ignore[misc]
    """flask-smorest, with our errors."""

    ERROR_SCHEMA = ErrorSchema

    def init_app(self, app: Flask, **options: Any) -> None:
        super().init_app(app, **options)
        self.ma_plugin.converter.add_attribute_function(_object_bounds)

    def handle_http_exception(self, error: HTTPException) -> Any:
        return _answer_http_exception(error)


def _object_bounds(_converter: Any, field: ma.fields.Field[Any], **_: Any) -> dict[str, int]:
    """What a mapping's Length says, in the document's words; apispec knows it for texts and lists alone."""
    lengths = [one for one in field.validators if isinstance(one, ma.validate.Length)]
    if not isinstance(field, ma.fields.Dict) or not lengths:
        return {}
    bounds = {"minProperties": lengths[0].min, "maxProperties": lengths[0].max}
    return {name: bound for name, bound in bounds.items() if bound is not None}


class OrjsonProvider(JSONProvider):
    """orjson in place of the standard library: faster, and strict about what JSON is."""

    def dumps(self, obj: Any, **kwargs: Any) -> str:
        return orjson.dumps(obj, default=str, option=orjson.OPT_NON_STR_KEYS).decode()

    def loads(self, s: str | bytes, **kwargs: Any) -> Any:
        return orjson.loads(s)


def furnish(app: Flask) -> None:
    """Install errors, ids, limits and headers."""
    app.json = OrjsonProvider(app)
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY
    app.register_error_handler(TaliError, _answer_tali_error)
    app.register_error_handler(HTTPException, _answer_http_exception)
    app.register_error_handler(OperationalError, _answer_database_down)
    app.register_error_handler(DataError, _answer_value_refused)
    app.register_error_handler(RedisError, _answer_valkey_down)
    app.register_error_handler(Exception, _answer_bug)

    @app.before_request
    def name_request() -> None:
        offered = request.headers.get("X-Request-Id", "")
        g.request_id = offered if offered.isascii() and offered.isalnum() and len(offered) <= 64 else uuid.uuid4().hex
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=g.request_id)

    @app.after_request
    def finish(response: Response) -> Response:
        response.headers["X-Request-Id"] = g.get("request_id", "")
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        response.headers.setdefault("Referrer-Policy", "no-referrer")
        if request.path.startswith("/api/"):
            response.headers.setdefault("Cache-Control", "no-store")
            response.headers.setdefault("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
        return response


def error_response(status: int, code: str, message: str, retry_after: float | None = None, **extra: Any) -> Response:
    """An error as the API writes it."""
    response = Response(
        orjson.dumps({"code": code, "message": message, **extra}, default=str), status, mimetype="application/json"
    )
    if retry_after is not None:
        response.headers["Retry-After"] = str(max(1, round(retry_after)))
    if status == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    return response


def _answer_tali_error(error: TaliError) -> Response:
    return error_response(error.status, error.code, error.message, error.retry_after, **error.extra)


def _answer_http_exception(error: HTTPException) -> Response:
    status = error.code or 500
    message = SENTENCES.get(status, error.description or "")
    data = getattr(error, "data", None) or {}
    extra: dict[str, Any] = {}
    if "messages" in data:
        extra["errors"] = _flatten(data["messages"])
    if status == 400 and "messages" not in data:
        message = "The body is not JSON that we can read."
    response = error_response(status, SLUGS.get(status, "error"), message, **extra)
    valid_methods = getattr(error, "valid_methods", None)
    if valid_methods:
        response.headers["Allow"] = ", ".join(sorted(valid_methods))
    return response


def _flatten(messages: Any, path: str = "") -> dict[str, list[str]]:
    """webargs' nested messages as one level: `{"candidate.email": ["Not a valid email address."]}`."""
    if isinstance(messages, list):
        return {path or "body": [str(message) for message in messages]}
    flat: dict[str, list[str]] = {}
    for key, value in messages.items():
        inner = key if not path and key in {"json", "query", "headers"} else f"{path}.{key}" if path else str(key)
        flat.update(_flatten(value, "" if inner in {"json", "query", "headers"} and not path else inner))
    return flat


def _answer_database_down(error: OperationalError) -> Response:
    match error.orig:
        case psycopg.errors.QueryCanceled():
            log.exception("statement took too long")
            return error_response(503, "took_too_long", "This took too long and was stopped. Nothing was changed.", 5)
        case psycopg.errors.DeadlockDetected() | psycopg.errors.LockNotAvailable():
            log.exception("statement met another")
            sentence = "Somebody else is changing the same thing at this moment. Nothing was changed; try again."
            return error_response(503, "busy", sentence, 1)
    log.exception("database unreachable")
    return error_response(503, "database_unavailable", "The database does not answer. Try again in a moment.", 2)


def _answer_value_refused(error: DataError) -> Response:
    # Schemas bound everything first; this is for the value that one of them forgot.
    log.exception("the database refused a value")
    return error_response(422, "validation_failed", "A value is out of range, or holds what a database cannot store.")


def _answer_valkey_down(error: RedisError) -> Response:
    log.exception("valkey unreachable")
    return error_response(503, "queue_unavailable", "The queue does not answer. Try again in a moment.", 2)


def _answer_bug(error: Exception) -> Response:
    log.exception("request failed", path=request.path)
    return error_response(500, "internal_error", f"Something broke on our side. Quote {g.get('request_id', '')} to us.")


def answer_once(
    session: Session,
    actor: Actor,
    key_ring: KeyRing,
    schema: type[ma.Schema],
    status: int,
    effect: Callable[[], Any],
) -> Response:
    """Run a creating `effect` under the request's Idempotency-Key and answer it, or replay what was answered."""

    def dump() -> tuple[int, str]:
        return status, orjson.dumps(schema().dump(effect()), default=str).decode()

    fingerprint = request.method.encode() + request.path.encode() + request.get_data(cache=True)
    answered, body, replayed = replayed_or_done(
        session, actor, request.headers.get("Idempotency-Key"), fingerprint, key_ring, dump
    )
    response = Response(body, answered, mimetype="application/json")
    if replayed:
        response.headers["Idempotent-Replayed"] = "true"
    return response


def bearer_token() -> str | None:
    """The token of `Authorization: Bearer …`, if there is one."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" and token.strip() else None
