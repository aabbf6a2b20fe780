"""The backend of the sample host page: hands out three files, and fetches session tokens with the API key.

A host needs one thing from its backend: an address that answers with a fresh session token for the person who is
signed in. The API key stays here; the browser only ever sees tokens that open one assessment and last five minutes.
"""

import json
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.error import URLError
from urllib.request import Request, urlopen

PAGE = Path(__file__).parent / "page"
FILES = {
    "/": ("index.html", "text/html; charset=utf-8"),
    "/style.css": ("style.css", "text/css; charset=utf-8"),
    "/app.js": ("app.js", "text/javascript; charset=utf-8"),
}


def fetch_token(tali_url: str, api_key: str, assessment_id: str) -> str:
    """Ask TALI for a session token. This is the whole server side of an embed."""
    request = Request(
        f"{tali_url}/api/v1/embed-sessions",
        data=json.dumps({"assessment_id": assessment_id}).encode(),
        headers={"Authorization": f"Bearer {api_key}", "Content-Type": "application/json"},
    )
    with urlopen(request, timeout=10) as answer:
        token: str = json.load(answer)["token"]
    return token


def serve(port: int, tali_url: str, api_key: str, assessment_id: str) -> None:
    """Serve the page on localhost until the process ends."""
    tali_url = tali_url.rstrip("/")
    # All that a host's content security policy needs to say about TALI is one origin, twice.
    policy = f"default-src 'self'; script-src 'self' {tali_url}; frame-src {tali_url}; img-src data:; base-uri 'none'"

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            name, kind = FILES.get(self.path.partition("?")[0], ("", ""))
            if not name:
                self.answer(HTTPStatus.NOT_FOUND, "text/plain", b"There is no such page.\n")
                return
            body = (PAGE / name).read_text("utf-8").replace("{{tali_url}}", tali_url)
            self.answer(HTTPStatus.OK, kind, body.encode())

        def do_POST(self) -> None:
            # Your own route checks who is signed in, and asks for *their* assessment.
            if self.path != "/token" or self.headers.get("Sec-Fetch-Site", "same-origin") != "same-origin":
                self.answer_json(HTTPStatus.FORBIDDEN, {"message": "Only this page may ask."})
                return
            try:
                token = fetch_token(tali_url, api_key, assessment_id)
            except (URLError, TimeoutError, ValueError, KeyError) as error:
                self.log_error("no session token from %s: %s", tali_url, error)
                self.answer_json(HTTPStatus.BAD_GATEWAY, {"message": "TALI gave no session token."})
                return
            self.answer_json(HTTPStatus.CREATED, {"token": token})

        def answer_json(self, status: HTTPStatus, value: dict[str, str]) -> None:
            self.answer(status, "application/json", json.dumps(value).encode())

        def answer(self, status: HTTPStatus, kind: str, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Content-Security-Policy", policy)
            self.send_header("Cache-Control", "no-store")
            self.end_headers()
            self.wfile.write(body)

        def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
            """Say nothing about what went well."""

    with ThreadingHTTPServer(("127.0.0.1", port), Handler) as server:
        server.serve_forever()
