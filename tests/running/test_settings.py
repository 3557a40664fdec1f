"""Settings from the command line, the environment and cognate.toml."""

from dataclasses import fields
from pathlib import Path

import pytest

from cognate.cli.main import main
from cognate.cli.options import HELP
from cognate.config import ConfigurationError, Settings, load


@pytest.fixture
def loaded(tmp_path):
    """`loaded(given={…}, environment={…}, file="…")` → Settings."""

    def make(*, given=None, environment=None, file=None):
        if file is not None:
            (tmp_path / "cognate.toml").write_text(file)
        return load(given or {}, environment=environment or {}, directory=tmp_path)

    return make


def test_without_a_word_it_is_a_development_server_on_this_machine_alone(loaded, tmp_path):
    settings = loaded()

    assert settings == Settings(data=tmp_path / ".cognate")
    assert settings.host == "127.0.0.1"
    assert settings.mode == "development"


def test_the_command_line_wins_then_the_environment_then_the_file(loaded):
    settings = loaded(
        given={"port": "1", "region": None},
        environment={"COGNATE_PORT": "2", "COGNATE_REGION": "eu-west-1"},
        file='port = 3\nregion = "eu-west-2"\naccount-id = "123456789012"\n',
    )

    assert (settings.port, settings.region) == (1, "eu-west-1")
    assert settings.account_id == "123456789012"


def test_a_data_directory_in_the_file_lies_beside_the_file(loaded, tmp_path):
    assert loaded(file='data = "kept"').data == tmp_path / "kept"
    assert loaded(given={"data": "elsewhere"}).data == Path("elsewhere")


def test_every_setting_is_an_option_but_the_master_key():
    assert {field.name for field in fields(Settings)} - set(HELP) == {"master_key"}


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("mode", "testing", "mode is development or production, not testing"),
        ("port", "70000", "port is 0 to 65535, not 70000"),
        ("port", "many", "port cannot be 'many'"),
        ("workers", "0", "workers is 1 or more"),
        ("account_id", "12345", "account-id has 12 digits"),
        ("account_id", "١٢٣٤٥٦٧٨٩٠١٢", "account-id has 12 digits"),
        ("log_level", "loud", "log-level is one of debug, info, warning, error"),
        ("public_url", "cognate.example.org", "public-url begins with http:// or https://"),
        ("issuer", "amazon", "issuer is own or aws, not amazon"),
        ("simulate_quotas", "perhaps", "simulate-quotas cannot be 'perhaps'"),
        ("fixed_code", "12a", "fixed-code has only digits"),
    ],
)
def test_a_value_that_cannot_be_used_is_refused(loaded, name, value, words):
    with pytest.raises(ConfigurationError) as refusal:
        loaded(environment={f"COGNATE_{name.upper()}": value})

    assert str(refusal.value) == words


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"fixed_code": "123456"}, "fixed-code is refused in production mode"),
        (
            {"insecure_fast_passwords": True},
            "insecure-fast-passwords is refused in production mode",
        ),
    ],
)
def test_production_refuses_development_shortcuts(loaded, given, words):
    with pytest.raises(ConfigurationError) as refusal:
        loaded(given={"mode": "production", **given})

    assert str(refusal.value) == words


def test_a_name_in_the_file_that_is_no_setting_is_told(loaded, tmp_path):
    with pytest.raises(ConfigurationError) as refusal:
        loaded(file="prot = 1")

    assert str(refusal.value) == f"{tmp_path / 'cognate.toml'}: there is no setting prot"


def test_where_clients_reach_it():
    assert Settings(port=1).own_url == "http://localhost:1"
    assert Settings(host="::1", port=1).own_url == "http://[::1]:1"
    assert Settings(public_url="https://id.example.org/").own_url == "https://id.example.org"


# --- the command line ----------------------------------------------------------------------------


def test_the_version_is_told(capsys):
    assert main(["version"]) == 0
    assert capsys.readouterr().out == "cognate 0.1.0\n"


def test_no_command_shows_the_help(capsys):
    assert main([]) == 2
    assert "usage: cognate" in capsys.readouterr().err


@pytest.mark.parametrize(
    "words", [["dance"], ["serve", "--prot", "1"], ["serve", "--mode", "loose"], ["keys"]]
)
def test_what_cannot_be_meant_ends_with_status_2(words, capsys):
    with pytest.raises(SystemExit) as ending:
        main(words)

    assert ending.value.code == 2
    assert "usage: cognate" in capsys.readouterr().err


def test_a_project_that_is_no_directory_is_told(capsys, tmp_path):
    assert main(["dev", str(tmp_path / "nowhere")]) == 2
    assert capsys.readouterr().err == f"cognate: {tmp_path}/nowhere is not a directory\n"
