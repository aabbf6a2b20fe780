"""`python -m tali.embed.sample_host`: serves the sample host page until it is stopped."""

import argparse
import contextlib
import os
import sys

from tali.embed.sample_host.server import serve

NAMES = ("TALI_URL", "TALI_API_KEY", "TALI_SAMPLE_ASSESSMENT_ID")


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m tali.embed.sample_host",
        description=f"Serve a page that embeds an assessment. Reads {', '.join(NAMES)} from the environment.",
    )
    parser.add_argument("--port", type=int, default=8090)
    port: int = parser.parse_args().port
    missing = [name for name in NAMES if not os.environ.get(name)]
    if missing:
        sys.exit(f"Set {', '.join(missing)} first. An API key comes from the admin app, under Settings.")
    tali_url, api_key, assessment_id = (os.environ[name] for name in NAMES)
    print(f"Sample host page: http://localhost:{port}/", flush=True)
    with contextlib.suppress(KeyboardInterrupt):
        serve(port, tali_url, api_key, assessment_id)


main()
