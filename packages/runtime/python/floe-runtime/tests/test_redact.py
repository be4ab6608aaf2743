"""No secret leaves the process."""

from __future__ import annotations

from pathlib import Path

from floe_runtime.redact import create_redactor, secret_variables

ENVIRON = {"SHOP_PASSWORD": "canary-1", "SHOP_PORT": "5432", "DBT_ENV_SECRET_TOKEN": "canary-2", "HOME": "/home/shop"}


def test_values_of_the_profiles_variables_are_masked(tmp_path: Path) -> None:
    text = """password: "{{ env_var('SHOP_PASSWORD') }}"\nport: "{{ env_var("SHOP_PORT") | int }}"\n"""
    (tmp_path / "profiles.yml").write_text(text + "path: \"{{ env_var('FLOE_DATA_DIR') }}/x\"\n", "utf-8")
    variables = secret_variables(tmp_path)
    assert variables == {"SHOP_PASSWORD", "SHOP_PORT"}
    redact = create_redactor(variables, ENVIRON)
    assert (
        redact("login canary-1 failed, canary-2, port 5432, /home/shop")
        == "login *** failed, ***, port 5432, /home/shop"
    )


def test_longer_secrets_are_masked_before_their_parts() -> None:
    redact = create_redactor(["A", "B"], {"A": "secret", "B": "secret-and-more"})
    assert redact("secret-and-more secret") == "*** ***"


def test_urls_and_pairs_are_masked() -> None:
    redact = create_redactor((), {})
    assert redact("postgres://ann:hunter2@db/shop") == "postgres://***@db/shop"
    assert redact("password=hunter2 api_key: 'abcdef' user=ann") == "password=*** api_key: '***' user=ann"


def test_a_missing_profile_is_no_error(tmp_path: Path) -> None:
    assert secret_variables(tmp_path) == frozenset()
