"""What the README shows works as it is written there."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

from tests.conftest import REPOSITORY, Tenant

README = (REPOSITORY / "README.md").read_text()


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


def test_the_curl_command_mints_a_token(tenant: Tenant) -> None:
    [command] = [block for block in blocks("sh") if "curl" in block]
    path = re.search(r"/api/v1(\S+)", command)[1]
    body = json.loads(re.search(r"-d '(.*?)'", command)[1])
    key = tenant.call("POST", "/api-keys", json={"name": "ATS"}).json["key"]
    body["assessment_id"] = tenant.invite()["id"]
    assert tenant.call("POST", path, token=key, json=body).status == 201


def test_the_snippet_is_the_one_that_the_api_gives(tenant: Tenant) -> None:
    [snippet] = blocks("html")
    assert snippet.strip() == tenant.invite()["embed"]["snippet"]


def test_the_commands_are_targets_of_the_makefile() -> None:
    commands = [
        line.split("#")[0].split() for block in blocks("sh") for line in block.splitlines() if line.startswith("make")
    ]
    assert [command[1] for command in commands] == ["run", "test"]
    for command in commands:
        subprocess.run([*command, "--dry-run"], cwd=REPOSITORY, check=True, capture_output=True)


def test_links_and_pictures_lead_somewhere() -> None:
    for target in re.findall(r"\]\((?!https?:)([^)#]+)\)", README):
        assert (REPOSITORY / Path(target)).exists(), target


def test_every_setting_is_in_the_example_file() -> None:
    from tali.kernel.settings import documented

    example = (REPOSITORY / ".env.example").read_text()
    for variable, _, meaning in documented():
        assert f"#{variable}=" in example
        assert meaning in example
